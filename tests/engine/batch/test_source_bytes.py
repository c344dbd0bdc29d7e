from __future__ import annotations

import hashlib
import os
import socket
import sys
from pathlib import Path

import pytest

from colorize_batch.engine.batch.source_bytes import read_source, sha256_of_file
from colorize_batch.errors import TooLargeError, UnreadableError


def test_what_is_read_is_identified(tmp_path):
    path = tmp_path / "a"
    path.write_bytes(b"some bytes")
    os.utime(path, ns=(5, 7_000_000_001))
    source = read_source(path)
    assert source.file_bytes == b"some bytes"
    assert source.mtime_ns == 7_000_000_001
    assert source.sha256 == hashlib.sha256(b"some bytes").hexdigest() == sha256_of_file(path)
    (tmp_path / "empty").touch()
    assert read_source(tmp_path / "empty").file_bytes == b""


def test_a_limit_in_bytes_holds_before_anything_is_read(tmp_path):
    path = tmp_path / "a"
    path.touch()
    os.truncate(path, 1 << 40)
    with pytest.raises(TooLargeError, match=f"{1 << 40} bytes are over the limit of .*--max-bytes"):
        read_source(path)
    with pytest.raises(TooLargeError):
        read_source(path, max_bytes=1)


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes")
def test_what_is_no_file_is_refused_at_once(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        for name, words in (
            ("pipe", "found a named pipe"),
            ("zero", "found a device"),
            ("socket", "cannot be read"),
            (".", "found a folder"),
            ("none", "No such file"),
        ):
            with pytest.raises(UnreadableError, match=words):
                read_source(tmp_path / name)
            with pytest.raises(OSError, match=r"regular|No such|directory"):
                sha256_of_file(tmp_path / name)


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux only")
def test_a_file_that_is_not_as_long_as_it_says(tmp_path):
    with pytest.raises(UnreadableError, match="changed while it was read"):
        read_source(Path("/proc/self/status"))
