import shutil
from pathlib import Path

import pytest

from colorize_batch.errors import DatasetError
from colorize_batch.training.dataset.photo_cache import INDEX_NAME, PIXELS_NAME, PhotoCache


def test_photographs_are_read_only_views(cache: PhotoCache) -> None:
    rgb_u8 = cache.rgb_u8(3)
    assert rgb_u8.shape == (cache.photos[3].height, cache.photos[3].width, 3)
    assert not rgb_u8.flags.writeable
    assert not rgb_u8.flags.owndata


def test_split_is_whole_and_stable(cache: PhotoCache) -> None:
    training, validation = cache.split(0.4)
    assert sorted(training + validation) == list(range(12))
    assert training
    assert validation
    assert PhotoCache(cache.cache_dir).split(0.4) == (training, validation)
    assert cache.split(0.0) == (list(range(12)), [])
    # A larger share holds out the same photographs and more.
    assert set(validation) <= set(cache.split(0.7)[1])


def test_hashes_are_stable_and_cut_across_the_split(cache: PhotoCache) -> None:
    hashes = [cache.name_hash(index) for index in range(12)]
    assert len(set(hashes)) == 12
    assert all(0 <= each < 2**63 for each in hashes)
    again = PhotoCache(cache.cache_dir)
    assert [again.name_hash(index) for index in range(12)] == hashes
    training, validation = cache.split(0.5)
    for indices in (training, validation):
        assert {hashes[index] % 2 for index in indices} == {0, 1}


def test_no_cache(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="make one with: colorize-train data prepare PHOTOS"):
        PhotoCache(tmp_path)


@pytest.mark.parametrize("index_text", ["", "[]", "{}", '{"photos": 3}', '{"photos": [[1]]}'])
def test_damaged_index(cache: PhotoCache, tmp_path: Path, index_text: str) -> None:
    shutil.copytree(cache.cache_dir, tmp_path, dirs_exist_ok=True)
    (tmp_path / INDEX_NAME).write_text(index_text)
    with pytest.raises(DatasetError, match="no photo cache"):
        PhotoCache(tmp_path)


def test_incomplete_pixels(cache: PhotoCache, tmp_path: Path) -> None:
    shutil.copytree(cache.cache_dir, tmp_path, dirs_exist_ok=True)
    pixels = (tmp_path / PIXELS_NAME).read_bytes()
    (tmp_path / PIXELS_NAME).write_bytes(pixels[:-3])
    with pytest.raises(DatasetError, match="the cache is incomplete; prepare it again"):
        PhotoCache(tmp_path)
    (tmp_path / INDEX_NAME).write_text('{"photos": []}')
    with pytest.raises(DatasetError, match="the cache is incomplete"):
        PhotoCache(tmp_path)
