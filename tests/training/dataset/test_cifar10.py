import io
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from colorize_batch.errors import DatasetError
from colorize_batch.training.dataset import cifar10
from colorize_batch.training.dataset.cifar10 import CLASSES, photos_in_cifar10
from colorize_batch.training.dataset.decode import decode_photo
from colorize_batch.training.dataset.find_photos import find_photos
from colorize_batch.training.dataset.prepare import prepare
from colorize_batch.training.evaluation.labels import CIFAR10_CLASSES
from tests.training.photos import photo_u8


def batch(count: int, seed: int) -> dict[bytes, Any]:
    """As the makers of CIFAR-10 store it: a row of 3072 bytes a picture, planes of 32 x 32."""
    pictures = [photo_u8(32, 32, seed=seed + number) for number in range(count)]
    rows = np.stack([picture.transpose(2, 0, 1).reshape(-1) for picture in pictures])
    return {b"batch_label": b"made up", b"data": rows, b"labels": [n % 10 for n in range(count)]}


def write_archive(path: Path, batches: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in batches.items():
            member = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return path


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    members = {
        "batches.meta": b"not looked at",
        "data_batch_1": pickle.dumps(batch(12, seed=0), protocol=2),
        "data_batch_2": pickle.dumps(batch(3, seed=50), protocol=2),
        "test_batch": pickle.dumps(batch(2, seed=90), protocol=2),
    }
    return write_archive(tmp_path / "cifar-10-python.tar.gz", members)


def test_pictures_come_back(archive: Path) -> None:
    photos = list(photos_in_cifar10(archive, test=False))
    assert len(photos) == 15
    assert [photo.group for photo in photos[:11]] == [*CLASSES, "airplane"]
    assert photos[12].name == "data_batch_2-00000.png"
    np.testing.assert_array_equal(decode_photo(photos[3].read()), photo_u8(32, 32, seed=3))


def test_sources(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def names(source: str) -> list[str]:
        return [photo.name for photo in find_photos([source])]

    tests = ["test_batch-00000.png", "test_batch-00001.png"]
    assert len(names(str(archive))) == len(names(str(tmp_path))) == 15
    assert names(f"{archive}#test") == tests
    monkeypatch.setattr(cifar10, "fetched", lambda url, sha256: archive)
    assert len(names("cifar10")) == 15
    assert names("cifar10#test") == tests


def test_small_pictures_make_a_cache(archive: Path, tmp_path: Path) -> None:
    cache = prepare([str(archive)], tmp_path / "cache")
    assert len(cache) == 15
    assert {(photo.height, photo.width) for photo in cache.photos} == {(32, 32)}


def test_its_classes_are_the_labels_of_evaluation() -> None:
    assert tuple(CIFAR10_CLASSES) == CLASSES


class Harmful:
    def __reduce__(self) -> tuple[Callable[..., Any], tuple[str]]:
        return print, ("executed",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (Harmful(), "asks for __builtin__.print"),
        ({b"data": Harmful()}, "asks for __builtin__.print"),
        ({b"data": np.zeros((2, 5), np.uint8), b"labels": [0, 1]}, r"holds uint8 \(2, 5\)"),
        ({b"data": np.zeros((1, 3072)), b"labels": [0]}, "holds float64"),
        ({b"data": np.zeros((1, 3072), np.uint8), b"labels": [-1]}, "labels beyond 10 classes"),
        ({b"labels": [1]}, "b'data'"),
        ([1, 2], "not CIFAR-10 for Python"),
    ],
)
def test_other_content_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: object, message: str
) -> None:
    members = {"data_batch_1": pickle.dumps(content, protocol=2)}
    path = write_archive(tmp_path / "cifar-10-python.tar.gz", members)
    with pytest.raises(DatasetError, match=f"not CIFAR-10 for Python: .*{message}|{message}"):
        list(photos_in_cifar10(path, test=False))
    assert capsys.readouterr().out == ""


def test_damaged_archives(archive: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(archive.read_bytes()[:3000])
    with pytest.raises(DatasetError, match="cannot read the archive"):
        list(photos_in_cifar10(cut, test=False))
    write_archive(cut, {"data_batch_1": b"\x80\x02broken"})
    with pytest.raises(DatasetError, match="not CIFAR-10 for Python"):
        list(photos_in_cifar10(cut, test=False))
    with pytest.raises(DatasetError, match="no cifar-10-batches-py/test_batch in it"):
        list(photos_in_cifar10(cut, test=True))


def test_not_connected(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(cifar10, "URL", "http://127.0.0.1:9/cifar-10-python.tar.gz")
    with pytest.raises(DatasetError, match="cannot fetch it .* by hand and give its path"):
        list(find_photos(["cifar10"]))
