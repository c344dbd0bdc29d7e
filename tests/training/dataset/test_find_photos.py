import tarfile
from pathlib import Path

import pytest

from colorize_batch.errors import DatasetError
from colorize_batch.training.dataset.find_photos import find_photos


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b/2.jpg", "a/1.PNG", "a/notes.txt", "c/zoo__3.webp"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(name)
    with tarfile.open(tmp_path / "d.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "a" / "1.PNG", "inside/4.png")
        archive.add(tmp_path / "a" / "notes.txt", "inside/notes.txt")
        archive.add(tmp_path / "a" / "1.PNG", "5.png")
    return tmp_path


def test_folders_and_archives_in_a_stable_order(tree: Path) -> None:
    found = [(photo.name, photo.group) for photo in find_photos([str(tree)])]
    assert found == [
        ("1.PNG", "a"),
        ("2.jpg", "b"),
        ("zoo__3.webp", "zoo"),
        ("4.png", "inside"),
        ("5.png", "d.tar"),
    ]


def test_reads_files_and_members(tree: Path) -> None:
    read = {photo.name: photo.read() for photo in find_photos([str(tree)])}
    assert read["2.jpg"] == b"b/2.jpg"
    assert read["4.png"] == b"a/1.PNG"


def test_globs_and_single_files(tree: Path) -> None:
    sources = [str(tree / "*" / "*.jpg"), str(tree / "a" / "1.PNG")]
    assert [photo.name for photo in find_photos(sources)] == ["2.jpg", "1.PNG"]


def test_missing_source(tree: Path) -> None:
    with pytest.raises(DatasetError, match="no such folder, file, tar or glob match"):
        list(find_photos([str(tree / "*.jpg")]))


def test_damaged_archive(tree: Path) -> None:
    whole = (tree / "d.tar.gz").read_bytes()
    for name, damaged in (("text.tar", b"no archive"), ("cut.tar.gz", whole[: len(whole) // 2])):
        (tree / name).write_bytes(damaged)
        with pytest.raises(DatasetError, match=f"{name}: cannot read the archive"):
            [photo.read() for photo in find_photos([str(tree / name)])]
