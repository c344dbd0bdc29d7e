"""A picture in colour, in memory, with what its file is to keep."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from ...errors import PictureError, UsageError
from ..atomic_write import write_atomically
from .formats import FORMATS, format_of
from .picture import RecoloredPicture


@dataclass(frozen=True, slots=True, kw_only=True)
class ColorizedPicture:
    """A result of `Colorizer.colorize_many`.

    Parameters
    ----------
    source
        What was given: a Path for a path, else the object itself.
    rgb
        (H, W, 3), or (H, W, 4) with alpha, sRGB, upright; u8, u16 or float32 0..1 as the source;
        None if it failed.
    error
        One line when it failed, else empty.
    """

    source: Any
    rgb: NDArray[Any] | None
    error: str = ""
    _picture: RecoloredPicture | None = field(default=None, repr=False, compare=False)

    def save(self, path: str | os.PathLike[str], *, quality: int = 0) -> None:
        """Write a file in the format of its ending, with the EXIF and XMP that the source had.

        Parameters
        ----------
        path
            Replaced if it exists; missing folders are made.
        quality
            1..100 where the format is lossy; 0 takes the format's own.

        Raises
        ------
        PictureError
            This picture failed; there is nothing to save.
        UsageError
            The ending is of no format that is written.
        UnwritableError
            The format cannot hold the picture, or the file cannot be written.
        """
        if self._picture is None:
            raise PictureError(f"nothing to save: {self.error or 'this picture has no colour'}")
        target = Path(path).expanduser()
        require_writable_name(target)
        write_atomically(target, self._picture.encoded(format_of(target), quality))


def require_writable_name(path: Path) -> None:
    """Raise UsageError unless a file of this name can be written."""
    suffixes = [suffix for one in FORMATS.values() for suffix in one.suffixes]
    if path.suffix.lower() not in suffixes:
        raise UsageError(f"{path}: expected an ending of {' '.join(suffixes)}")
