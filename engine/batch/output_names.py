"""The names of outputs, of which no two are the same."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from ..pictures.formats import FORMATS, READ_ONLY_SUFFIXES, is_writable_name


def output_names(relatives: Sequence[Path], output_format: str) -> list[Path]:
    """Name the outputs of a run.

    Parameters
    ----------
    relatives
        The sources, relative to the folder that they have in common.
    output_format
        A name in `FORMATS`, or "keep".

    Returns
    -------
    list of Path
        Relative to the folder of the outputs, in the order of the sources. A source whose format is
        not written gets a new ending; where another has that name, the new ending comes behind the
        old one (x.gif.png beside x.png).
    """
    names = [output_name(relative, output_format) for relative in relatives]
    wanted = Counter(map(_folded, names))
    return [
        name if name == relative or wanted[_folded(name)] == 1 else _with_both(relative, name)
        for relative, name in zip(relatives, names, strict=True)
    ]


def output_name(relative: Path, output_format: str) -> Path:
    """Name the output of a source that is alone."""
    suffix = relative.suffix.lower()
    if output_format == "keep":
        if is_writable_name(relative):
            return relative
        return relative.with_suffix(READ_ONLY_SUFFIXES.get(suffix, ".png"))
    if suffix in FORMATS[output_format].suffixes:
        return relative
    return relative.with_suffix(FORMATS[output_format].suffixes[0])


def _with_both(relative: Path, name: Path) -> Path:
    return relative.with_name(relative.name + name.suffix)


def _folded(path: Path) -> str:
    return os.path.normcase(path)
