from __future__ import annotations

import struct

import pytest

from .films import write_film


def boxes(path):
    """The names of a file's outermost boxes, in order (ISO/IEC 14496-12, 4.2)."""
    file_bytes, at, names = path.read_bytes(), 0, []
    while at < len(file_bytes):
        size, name = struct.unpack(">I4s", file_bytes[at : at + 8])
        names.append(name.decode())
        at += size if size != 1 else struct.unpack(">Q", file_bytes[at + 8 : at + 16])[0]
    return names


@pytest.mark.parametrize("suffix", [".mp4", ".mov"])
def test_a_browser_can_begin_to_play_before_all_is_loaded(colorize, tmp_path, suffix):
    colorize(write_film(tmp_path / f"film{suffix}"), tmp_path / f"out{suffix}")
    order = boxes(tmp_path / f"out{suffix}")
    assert order.index("moov") < order.index("mdat")
