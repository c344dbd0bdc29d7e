import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest

from colorize_batch.errors import DatasetError, UsageError
from colorize_batch.training.dataset import prepare as prepare_module
from colorize_batch.training.dataset.photo_cache import (
    COMPACT_NAME,
    INDEX_NAME,
    PIXELS_NAME,
    PhotoCache,
)
from colorize_batch.training.dataset.prepare import prepare
from tests.training.photos import write_photo


def test_pixels_come_back(tmp_path: Path) -> None:
    first = write_photo(tmp_path / "in__1.png", 50, 70, seed=1)
    second = write_photo(tmp_path / "in__2.png", 64, 48, seed=2)

    cache = prepare([str(tmp_path)], tmp_path / "cache")

    assert [photo.name for photo in cache.photos] == ["in__1.png", "in__2.png"]
    np.testing.assert_array_equal(cache.rgb_u8(0), first)
    np.testing.assert_array_equal(cache.rgb_u8(1), second)
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == [INDEX_NAME, PIXELS_NAME]


def test_large_photographs_are_reduced(photo_dir: Path, tmp_path: Path) -> None:
    cache = prepare([str(photo_dir)], tmp_path, short_side=40)
    assert {min(photo.height, photo.width) for photo in cache.photos} == {40}


def test_corrupt_pictures_are_skipped_and_named(tmp_path: Path) -> None:
    write_photo(tmp_path / "good.png", 50, 70, seed=1)
    (tmp_path / "empty.jpg").touch()
    write_photo(tmp_path / "cut.jpg", 300, 300, seed=1)
    whole = (tmp_path / "cut.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    skipped: dict[str, str] = {}

    cache = prepare([str(tmp_path)], tmp_path / "cache", on_skip=skipped.__setitem__)

    assert len(cache) == 1
    assert sorted(skipped) == ["cut.jpg", "empty.jpg"]
    assert all("\n" not in reason for reason in skipped.values())


def test_nothing_usable(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    with pytest.raises(
        DatasetError, match=r"no readable photograph in .* expected files ending in"
    ):
        prepare([str(tmp_path)], tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_a_failed_second_run_keeps_the_first_cache(photo_dir: Path, tmp_path: Path) -> None:
    prepare([str(photo_dir)], tmp_path / "cache")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError):
        prepare([str(tmp_path / "empty")], tmp_path / "cache")
    assert len(PhotoCache(tmp_path / "cache")) == 12


def test_full_disk(photo_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill_up(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(prepare_module, "_store", fill_up)
    with pytest.raises(DatasetError, match="cannot write the cache: .*No space left"):
        prepare([str(photo_dir)], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_cache_path_is_a_file(photo_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(DatasetError, match="cannot write the cache"):
        prepare([str(photo_dir)], tmp_path / "file")


def test_senseless_size(photo_dir: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="short side 8: expected at least 32"):
        prepare([str(photo_dir)], tmp_path, short_side=8)


def test_index_is_json(cache: PhotoCache) -> None:
    index = json.loads((cache.cache_dir / INDEX_NAME).read_text())
    assert index["short_side"] == 72
    assert len(index["photos"]) == 12


def test_compact_photographs_come_back_nearly_alike(photo_dir: Path, tmp_path: Path) -> None:
    plain = prepare([str(photo_dir)], tmp_path / "plain", short_side=64)
    compact = prepare([str(photo_dir)], tmp_path / "compact", short_side=64, compact=True)
    assert [(p.name, p.group, p.height, p.width) for p in compact.photos] == [
        (p.name, p.group, p.height, p.width) for p in plain.photos
    ]
    for index in range(len(plain)):
        found = compact.rgb_u8(index)
        assert found.dtype == np.uint8
        assert not found.flags.writeable
        error = np.abs(found.astype(float) - plain.rgb_u8(index))
        assert error.mean() < 5
    sizes = [
        sum(path.stat().st_size for path in (tmp_path / name).iterdir())
        for name in ("plain", "compact")
    ]
    assert sizes[1] < sizes[0] / 3


def test_small_jpegs_stay_as_they_are(tmp_path: Path) -> None:
    write_photo(tmp_path / "in" / "a.jpg", 50, 70, seed=1)
    write_photo(tmp_path / "in" / "b.webp", 40, 60, seed=2)
    prepare([str(tmp_path / "in")], tmp_path / "cache", compact=True)
    expected = b"".join((tmp_path / "in" / name).read_bytes() for name in ("a.jpg", "b.webp"))
    assert (tmp_path / "cache" / COMPACT_NAME).read_bytes() == expected


def test_one_form_replaces_the_other(photo_dir: Path, tmp_path: Path) -> None:
    for compact, name in ((False, PIXELS_NAME), (True, COMPACT_NAME), (False, PIXELS_NAME)):
        cache = prepare([str(photo_dir)], tmp_path, short_side=40, compact=compact)
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted([INDEX_NAME, name])
        assert cache.rgb_u8(3).shape == (cache.photos[3].height, cache.photos[3].width, 3)
