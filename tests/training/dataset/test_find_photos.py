import io
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


def shard(path: Path, keys: list[str]) -> None:
    with tarfile.open(path, "w") as archive:
        for key in keys:
            for suffix in ("jpg", "cls", "json"):
                member = tarfile.TarInfo(f"{key}.{suffix}")
                member.size = len(key)
                archive.addfile(member, io.BytesIO(key.encode()))


def test_shards(tmp_path: Path) -> None:
    """Samples of several members each: the pictures are taken, labels and the like are not."""
    for number in range(3):
        shard(tmp_path / f"wild-{number:06}.tar", [f"{number}a", f"{number}b"])
    photos = list(find_photos([str(tmp_path / "wild-{000001..000002}.tar")]))
    assert [photo.name for photo in photos] == ["1a.jpg", "1b.jpg", "2a.jpg", "2b.jpg"]
    assert {photo.group for photo in photos} == {"wild"}
    assert next(find_photos([str(tmp_path / "wild-{000001..000002}.tar")])).read() == b"1a"


def test_a_missing_shard_is_named(tmp_path: Path) -> None:
    shard(tmp_path / "wild-0.tar", ["a"])
    with pytest.raises(DatasetError, match=r"wild-1\.tar: no such folder, file, tar or glob"):
        list(find_photos([str(tmp_path / "wild-{0..1}.tar")]))


def test_braces_in_the_name_of_a_folder(tmp_path: Path) -> None:
    (tmp_path / "{0..1}").mkdir()
    (tmp_path / "{0..1}" / "a.png").touch()
    assert [photo.name for photo in find_photos([str(tmp_path / "{0..1}")])] == ["a.png"]
