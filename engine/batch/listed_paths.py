"""A list of paths on standard input: lines, or names apart by NUL, in whatever encoding."""

from __future__ import annotations

import codecs
import os
from pathlib import Path
from typing import Final

# A mark of UTF-16 begins that of UTF-32, which nobody writes lists in.
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def listed_paths(data: bytes) -> list[Path]:
    """Take a list apart.

    Parameters
    ----------
    data
        Paths a line each (LF or CR LF), or apart by NUL as `find -print0` writes them; UTF-16 with a
        byte order mark, or without where every other byte is 0; else the file system's encoding,
        perhaps after a byte order mark of UTF-8.

    Returns
    -------
    list of Path
        In the order of the list; empty lines are passed over.
    """
    if data.startswith(_UTF16):
        data = data.decode("utf-16").encode("utf-8", "surrogatepass")
    elif len(data) > 3 and len(data) % 2 == 0 and not any(data[1:200:2]):
        data = data.decode("utf-16-le", "replace").encode()
    data = data.removeprefix(codecs.BOM_UTF8)
    names = data.split(b"\0") if b"\0" in data else (n.rstrip(b"\r") for n in data.split(b"\n"))
    return [Path(os.fsdecode(name)) for name in names if name.strip()]
