"""Which directories of a TIFF are its pictures, and which are thumbnails, masks or raw data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ...errors import UnreadableError
from .metadata.tiff_directory import TiffDirectory, first_offset, pages_of, read_directory

_SUBFILE, _WIDTH, _HEIGHT, _PHOTOMETRIC, _SUB_IFDS, _EXTRA, _DNG = (
    254,
    256,
    257,
    262,
    330,
    338,
    50706,
)
_REDUCED, _MASK = 1, 4  # bits of NewSubfileType, TIFF 6.0
_OLD_SUBFILE: Final = 255
_RAW: Final = frozenset({32803, 34892})  # colour filter array and linear raw, TIFF/EP and DNG


@dataclass(frozen=True, slots=True, kw_only=True)
class TiffPage:
    """A picture of a TIFF file.

    Parameters
    ----------
    number
        Of the directory in the file's chain, from 0.
    below
        Of the directory below that one, from 0; -1 for the chain's own.
    directory
        Its fields.
    offset
        Where it lies.
    """

    number: int
    below: int
    directory: TiffDirectory
    offset: int

    @property
    def height(self) -> int:
        """Rows as stored."""
        return self.directory.number(_HEIGHT)

    @property
    def width(self) -> int:
        """Columns as stored."""
        return self.directory.number(_WIDTH)

    @property
    def has_other_samples(self) -> bool:
        """Whether its first extra sample is not alpha but, say, infrared (ExtraSamples 0)."""
        return self.directory.numbers(_EXTRA)[:1] == (0,)


def tiff_pages(tiff: bytes) -> list[TiffPage]:
    """List the pictures of a TIFF file, which are its full-size ones if it has any.

    Raises
    ------
    UnreadableError
        All that is of full size is a camera's raw data.
    """
    every = list(_directories(tiff))
    if not every:
        return []
    full = [page for page in every if not _kind(page.directory) & (_REDUCED | _MASK)]
    shown = [page for page in full if page.directory.number(_PHOTOMETRIC) not in _RAW]
    if (full and not shown) or (any(_DNG in page.directory.values for page in every) and not shown):
        raise UnreadableError(
            "a camera raw file (DNG) whose picture is not developed; export it as TIFF or JPEG first"
        )
    in_chain = [page for page in shown if page.below < 0]
    if in_chain:
        # What lies below a full picture is a part of it or smaller.
        return in_chain
    return shown or [page for page in every if page.below < 0]


def _directories(tiff: bytes) -> list[TiffPage]:
    found: list[TiffPage] = []
    offset = first_offset(tiff)
    for number, directory in enumerate(pages_of(tiff)):
        found.append(TiffPage(number=number, below=-1, directory=directory, offset=offset))
        offset = directory.following
        for below, at in enumerate(found[-1].directory.numbers(_SUB_IFDS)[:64]):
            inner = read_directory(tiff, at)
            if _WIDTH in inner.values:
                found.append(TiffPage(number=number, below=below, directory=inner, offset=at))
    return [page for page in found if page.width and page.height]


def _kind(directory: TiffDirectory) -> int:
    if _SUBFILE not in directory.values and directory.number(_OLD_SUBFILE) == 2:
        return _REDUCED
    return directory.number(_SUBFILE)
