from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from colorize_batch.engine.atomic_write import remove_partial_files, write_atomically
from colorize_batch.errors import UnwritableError


def test_makes_folders_and_replaces(tmp_path):
    path = tmp_path / "a" / "b" / "c.bin"
    write_atomically(path, b"first")
    write_atomically(path, b"second")
    assert path.read_bytes() == b"second"
    assert [entry.name for entry in path.parent.iterdir()] == ["c.bin"]


def test_a_full_disk_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "c.bin"
    write_atomically(path, b"old")
    opened = Path.open

    class Full:
        """A file on a disk that has room for half of what is written."""

        def __init__(self, file):
            self.file = file

        def __enter__(self):
            return self

        def __exit__(self, *error):
            self.file.close()

        def write(self, file_bytes):
            self.file.write(file_bytes[: len(file_bytes) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", lambda self, mode: Full(opened(self, mode)))
        with pytest.raises(UnwritableError, match="No space left on device"):
            write_atomically(path, b"new and longer")
    assert [entry.name for entry in tmp_path.iterdir()] == ["c.bin"]
    assert path.read_bytes() == b"old"


def test_a_parent_that_is_a_file(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UnwritableError, match="cannot write"):
        write_atomically(tmp_path / "file" / "x.png", b"")


def test_the_longest_name_that_the_file_system_takes(tmp_path):
    path = tmp_path / ("n" * 251 + ".png")
    write_atomically(path, b"x")
    assert path.read_bytes() == b"x"


def test_unfinished_files_of_dead_runs_are_removed(tmp_path):
    ours = tmp_path / f".{'0' * 16}.partial"
    others = [
        tmp_path / name for name in ("a.partial", f"{'0' * 16}.partial", ".0.partial", "a.jpg")
    ]
    for path in (ours, *others):
        path.touch()
    assert remove_partial_files([tmp_path, tmp_path / "none", tmp_path / "a.jpg"]) == 1
    assert sorted(tmp_path.iterdir()) == sorted(others)


def test_readers_of_the_old_file_never_see_a_part_of_the_new_one(tmp_path):
    path, link = tmp_path / "c.bin", tmp_path / "link.bin"
    write_atomically(path, b"old")
    os.link(path, link)
    with path.open("rb") as reader:
        write_atomically(path, b"new")
        assert reader.read() == b"old"
    assert (link.read_bytes(), path.read_bytes()) == (b"old", b"new")


def test_a_rename_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "c.bin"
    write_atomically(path, b"old")

    def refused(self, target):
        assert Path(target).read_bytes() == b"old"  # until the very moment of the rename
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(UnwritableError, match="busy"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["c.bin"]
