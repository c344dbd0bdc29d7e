"""JPEG to JPEG in the coefficient domain: new chroma beside luma that is never coded again.

The work is done by the native module `_jpeg` on libjpeg-turbo. It is missing from an installation
that was built without libjpeg-turbo's headers, and cannot be loaded where the library that it was
built with is gone; `AVAILABLE` tells, and JPEG files then take the pixel path like any other format.
"""

from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from ..errors import MissingDependencyError, PictureError, TooSlowError, UnreadableError
from .gray_icc import rgb_icc_from_gray

try:
    from ._jpeg import JpegFile as _NativeFile
    from ._jpeg import deep_luma as _native_deep_luma
    from ._jpeg import set_deadline as _set_native_deadline

    WHY_NOT = ""
except ImportError as error:
    if error.name not in (f"{__package__}._jpeg", "_jpeg"):
        raise
    _NativeFile = None  # type: ignore[assignment,misc]
    _set_native_deadline = None  # type: ignore[assignment]
    _native_deep_luma = None  # type: ignore[assignment]
    # Not built, or, the other kind of ImportError, not to be loaded: then the loader says what lacks.
    WHY_NOT = (
        "built without libjpeg-turbo's headers"
        if isinstance(error, ModuleNotFoundError)
        else str(error)
    )

AVAILABLE: Final = _NativeFile is not None
"""Whether JPEG files can be colorized in the coefficient domain; `WHY_NOT` is the reason if not."""

MIN_CHROMA_QUALITY: Final = 85
"""Of chroma tables where no quality is named.

The table of a source of quality 8 to 15 would quantise its chroma to squares of 16 pixels, 3 to 4.5
CIEDE2000 from the predicted colour; this one stays within 1 of it, for 2 KB on 420 x 300 pixels.
"""

Shrink = Literal[1, 2, 4]
"""How many times smaller than luma, each way, chroma planes are handed over."""

# What the native module raises, by its name in this module.
__all__ = [
    "AVAILABLE",
    "WHY_NOT",
    "DamagedJpeg",
    "JpegFile",
    "Shrink",
    "TooSlowError",
    "UnsupportedJpeg",
    "set_deadline",
]  # fmt: skip

_EIGHTHS: Final = (1, 2, 4, 8)
_ICC_SPACE: Final = slice(16, 20)  # ICC.1:2010, 7.2.6: the colour space of the data


class JpegFile:
    """One gray or YCbCr JPEG, baseline or progressive, held as its coded bytes.

    Luma is handed out at the sizes a colorizer needs, and `with_chroma` gives the same picture in
    colour: its luma coefficients and their quantisation table are those of the source, bit for
    bit. The words that stand for a gray source's AC coefficients are copied without being decoded;
    only DC differences are coded anew, as a baseline file has its three components in one
    interleaved scan, which every decoder reads. A progressive source keeps its luma scans, and
    chroma follows in scans of its own. The luma of a YCbCr source is coded again, losslessly. No
    plane of the full size is made, except for what asks for it (4:4:4, or a luma plane of over half
    the size).

    Planes lie as they are coded: the caller turns them by `orientation`. Every method releases the
    GIL, and several threads may use one file.

    Parameters
    ----------
    jpeg : bytes
        The whole file. It is not copied and stays alive as long as this object.

    Attributes
    ----------
    height, width : int
        Size in pixels as coded, before `orientation`.
    orientation : int
        Exif orientation 1..8; 1 when the file has none.
    sampling : tuple of (int, int)
        Horizontal and vertical sampling factor of each component.
    progressive : bool
    quality : int
        IJG quality 1..100 whose luma table is nearest to the file's.
    icc : bytes
        The embedded ICC profile; empty when there is none or when it is incomplete.

    Raises
    ------
    UnsupportedJpeg
        CMYK, RGB, 12 bit, arithmetic coding, lossless, subsampled luma, over 2^31 pixels or over
        100 scans.
    DamagedJpeg
        Not a JPEG, cut short or broken. What is broken within a scan is only found by the first
        method that decodes it.
    MissingDependencyError
        The native module was not built.
    """

    def __init__(self, jpeg: bytes) -> None:
        if _NativeFile is None:
            raise MissingDependencyError(
                "the JPEG coefficient path needs the native module '_jpeg', which was not built;"
                " install libjpeg-turbo's headers (Debian: libjpeg62-turbo-dev) and reinstall"
            )
        self._file = _NativeFile(jpeg)
        self.height = self._file.height
        self.width = self._file.width
        self.orientation = self._file.orientation
        self.sampling = tuple(self._file.sampling)
        self.progressive = self._file.progressive
        self.quality = self._file.quality
        self.icc = self._file.icc

    @property
    def components(self) -> int:
        """Number of components: 1 for a gray file, 3 for YCbCr."""
        return len(self.sampling)

    def luma_plane(self, min_height: int, min_width: int) -> NDArray[np.uint8]:
        """Return the luma at the smallest of 1/8, 1/4, 1/2 and 1/1 of its size that suffices.

        All but the full size share one decoding with `luma_for_chroma`: a scaled inverse DCT gives
        the largest that was requested, means of it the smaller ones.

        Parameters
        ----------
        min_height, min_width : int
            The plane has at least so many rows and columns, or else the picture's full size.

        Returns
        -------
        NDArray[np.uint8]
            (h, w), 0..255, read-only, as coded. It keeps its memory alive by itself.

        Raises
        ------
        DamagedJpeg
            The coded data ends early or is broken.
        """
        large_enough = (
            eighths
            for eighths in _EIGHTHS
            if -(-self.height * eighths // 8) >= min_height
            and -(-self.width * eighths // 8) >= min_width
        )
        return self._file.luma(next(large_enough, 8))

    def chroma_size(self, shrink: Shrink = 2) -> tuple[int, int]:
        """Return the rows and columns of the chroma planes that `with_chroma` takes.

        Raises
        ------
        ValueError
            `shrink` is not 1, 2 or 4.
        """
        _check_shrink(shrink)
        return -(-self.height // shrink), -(-self.width // shrink)

    def luma_for_chroma(self, shrink: Shrink = 2) -> NDArray[np.uint8]:
        """Return the luma at the chroma planes' size: what guides their upsampling.

        Returns
        -------
        NDArray[np.uint8]
            `chroma_size(shrink)`, 0..255, read-only, as coded.

        Raises
        ------
        DamagedJpeg
            The coded data ends early or is broken.
        ValueError
            `shrink` is not 1, 2 or 4.
        """
        _check_shrink(shrink)
        return self._file.luma(8 // shrink)

    def with_chroma(
        self,
        cb_u8: NDArray[np.uint8],
        cr_u8: NDArray[np.uint8],
        *,
        shrink: Shrink = 2,
        quality: int | None = None,
    ) -> bytes:
        """Return the picture in colour, as a JPEG file.

        The file is progressive when the source is, has its restart interval and its metadata. The
        thumbnails in JFIF and Exif, which would show it gray, are cut off. An RGB profile stays; a
        gray one becomes the RGB profile of the same tones.

        Parameters
        ----------
        cb_u8, cr_u8 : NDArray[np.uint8]
            `chroma_size(shrink)`, full range (JFIF 1.02), 128 is neutral.
        shrink : {1, 2, 4}
            1 makes a 4:4:4 file, 2 one of 4:2:0. So does 4, whose samples become the lower half of
            the frequencies of each block: a smooth enlargement by two that costs nothing.
        quality : int, optional
            IJG quality 1..100 of the chroma tables; the source's by default, but at least
            `MIN_CHROMA_QUALITY`.

        Raises
        ------
        DamagedJpeg
            The coded data ends early or is broken.
        ValueError
            A plane of another size, or an option out of its range.
        """
        _check_shrink(shrink)
        if quality is None:
            quality = max(self.quality, MIN_CHROMA_QUALITY)
        if not 1 <= quality <= 100:
            raise ValueError(f"expected a JPEG quality of 1..100, found {quality}")
        return self._file.with_chroma(cb_u8, cr_u8, shrink, quality, _icc_in_colour(self.icc))

    def luma_coefficients(self) -> NDArray[np.int16]:
        """Return the quantised luma coefficients, to check that two files share them.

        Returns
        -------
        NDArray[np.int16]
            (block rows, block columns, 64), in natural (row by row) order within a block.

        Raises
        ------
        DamagedJpeg
            The coded data ends early or is broken.
        """
        return self._file.luma_coefficients()

    def luma_quantization(self) -> NDArray[np.uint16]:
        """Return the divisors of the luma coefficients: (64,), in natural order."""
        return np.array(self._file.luma_quantization, dtype=np.uint16)


def set_deadline(seconds: float) -> None:
    """Let the methods of `JpegFile` raise TooSlowError, so many seconds from now.

    Parameters
    ----------
    seconds
        For the calling thread only, until it is set again; 0 or less takes the deadline away.
    """
    if _set_native_deadline is not None:
        _set_native_deadline(seconds)


def deep_luma_plane(jpeg: bytes) -> NDArray[np.uint16]:
    """Decode the luma of a JPEG of 12 bits a sample.

    Parameters
    ----------
    jpeg : bytes
        The whole file: extended sequential (SOF1), with luma of the full size.

    Returns
    -------
    NDArray[np.uint16]
        (h, w), 0..4095, as coded; a new array.

    Raises
    ------
    UnsupportedJpeg
        Another kind of JPEG.
    DamagedJpeg
        The coded data ends early or is broken.
    MissingDependencyError
        The native module was not built.
    """
    if _native_deep_luma is None:
        raise MissingDependencyError(f"12-bit JPEG needs the native module '_jpeg': {WHY_NOT}")
    return _native_deep_luma(jpeg)


class UnsupportedJpeg(PictureError):  # noqa: N818  a kind of file, not a fault
    """A sound JPEG of a kind that has no separate full-size 8-bit luma; take the pixel path."""


class DamagedJpeg(UnreadableError):  # noqa: N818
    """Not a JPEG, cut short or broken: a decoder would have to guess."""


def _check_shrink(shrink: int) -> None:
    if shrink not in get_args(Shrink):
        raise ValueError(f"expected chroma planes 1, 2 or 4 times smaller, found {shrink!r}")


def _icc_in_colour(icc: bytes) -> bytes:
    if icc[_ICC_SPACE] == b"RGB ":
        return icc
    return rgb_icc_from_gray(icc) or b""
