"""A picture of where a film run is, to look at while it goes on."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ...errors import UsageError
from ..atomic_write import write_atomically
from ..pictures.formats import FORMATS, format_of
from ..pictures.pixel_picture import PixelPicture

if TYPE_CHECKING:
    from av import VideoFrame

EVERY_S: Final = 2.0
_QUALITY: Final = 85
_SUFFIXES: Final = (*FORMATS["jpg"].suffixes, *FORMATS["png"].suffixes)


class Preview:
    """Writes a frame to a file every two seconds; the file is always whole.

    Parameters
    ----------
    path
        Ends in .jpg or .png.

    Raises
    ------
    UsageError
        It ends in something else.
    """

    def __init__(self, path: Path) -> None:
        self._format = format_of(path)
        if path.suffix.lower() not in _SUFFIXES:
            raise UsageError(f"--preview {path}: expected a .jpg or .png file")
        self._path = path
        self._next_s = 0.0

    def show(self, frame: VideoFrame) -> None:
        """Offer a frame; it is written if it is time for one. Raises UnwritableError."""
        if time.monotonic() < self._next_s:
            return
        picture = PixelPicture(pixels=frame.to_ndarray(format="rgb24"))
        quality = _QUALITY if self._format.quality else 0
        write_atomically(self._path, picture.encoded(self._format, quality))
        self._next_s = time.monotonic() + EVERY_S
