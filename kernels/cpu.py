"""The native CPU kernels: what `kernels.reference.recolor` defines, in float32 and fast.

Every function lets go of the GIL while it works, keeps no state, and may run in many threads at
once. Sources are read in place: pixels must be packed within a row, rows may lie apart. A buffer
given as `out` must be C-contiguous, is written in place, stays the caller's, and may not overlap
the source.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from . import _native

Pixel = TypeVar("Pixel", np.uint8, np.uint16)
Upsample: TypeAlias = Literal["bilinear", "guided"]

INSTRUCTION_SET: str = _native.INSTRUCTION_SET
"""Which copy of the kernels this processor got: portable, x86_64_v3 or x86_64_v4."""

HAS_INT8_DOT_PRODUCT: bool = _native.HAS_INT8_DOT_PRODUCT
"""Whether it has instructions for networks in 8 bit (AVX-VNNI, AVX-512 VNNI, Arm's dot product)."""


def l_plane(
    source: NDArray[Pixel], height: int, width: int, out: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """L* of a picture averaged down to (height, width), as a model sees it.

    The gamma-coded values are averaged by area, then L* is taken of the average colour: the order
    in which training and every image library reduce a picture. An axis that grows is interpolated.

    Parameters
    ----------
    source
        (H, W) gray or (H, W, 3) sRGB; uint8 or uint16 over its full range.
    height, width
        Size of the result, at least 1.
    out
        (height, width) float32 to write to; made when not given.

    Returns
    -------
    ndarray
        `out`: L* 0..100, within 0.001 of the reference.

    Raises
    ------
    ValueError
        A shape, type or memory layout other than those above.
    """
    _check_pixels(source, "source")
    if height < 1 or width < 1:
        raise ValueError(f"expected height and width of at least 1, got {height} x {width}")
    if out is None:
        out = np.empty((height, width), np.float32)
    _check_out(out, (height, width), np.float32)
    _native.l_plane(source, out)
    return out


def merge_ab(
    source: NDArray[Pixel],
    ab_planes: NDArray[np.floating[Any]],
    *,
    saturation: float = 1.0,
    upsample: Upsample = "bilinear",
    out: NDArray[Pixel] | None = None,
) -> NDArray[Pixel]:
    """Give a picture new colour at its own lightness.

    L* of every source pixel is joined with the enlarged a* and b*; what sRGB cannot show is pulled
    toward gray in linear light at its luminance.

    Parameters
    ----------
    source
        (H, W) gray or (H, W, 3) sRGB; uint8 or uint16 over its full range.
    ab_planes
        (2, h, w) a*, b* of any size; converted when not float32. What is not finite counts as 0.
    saturation
        Factor on a* and b*, at least 0. Chroma is limited to 134, where sRGB ends.
    upsample
        "bilinear", or "guided": along the edges of the source's luma.
    out
        (H, W, 3) in the type of `source` to write to; made when not given.

    Returns
    -------
    ndarray
        `out`: sRGB, within 1 step of the reference for uint8 and 8 for uint16.

    Raises
    ------
    ValueError
        A shape, type, memory layout or value other than those above.
    """
    _check_pixels(source, "source")
    shape = (source.shape[0], source.shape[1], 3)
    if out is None:
        out = np.empty(shape, source.dtype)
    _check_out(out, shape, source.dtype)
    _native.merge_ab(source, checked_ab(ab_planes), *checked_coloring(saturation, upsample), out)
    return out


def chroma_planes(
    luma_u8: NDArray[np.uint8],
    ab_planes: NDArray[np.floating[Any]],
    *,
    saturation: float = 1.0,
    upsample: Upsample = "bilinear",
    out: NDArray[np.uint8] | None = None,
) -> NDArray[np.uint8]:
    """Cb and Cr that give a luma plane the predicted colour and leave the luma as it is.

    For each pixel the L* is found whose (L*, a*, b*) has the given luma; a colour that sRGB cannot
    show is pulled toward gray at that luma.

    Parameters
    ----------
    luma_u8
        (H, W) full-range luma (JFIF, ITU-T T.871), already at the size of the chroma planes.
    ab_planes, saturation, upsample
        As in `merge_ab`.
    out
        (2, H, W) uint8 to write to; made when not given.

    Returns
    -------
    ndarray
        `out`: Cb, Cr about 128, within 1 step of the reference for chroma up to 110.

    Raises
    ------
    ValueError
        A shape, type, memory layout or value other than those above.
    """
    _check_pixels(luma_u8, "luma_u8")
    if luma_u8.ndim != 2 or luma_u8.dtype != np.uint8:
        raise ValueError(f"expected luma_u8 of shape (H, W), uint8, got {_described(luma_u8)}")
    if out is None:
        out = np.empty((2, *luma_u8.shape), np.uint8)
    _check_out(out, (2, *luma_u8.shape), np.uint8)
    _native.chroma_planes(
        luma_u8, checked_ab(ab_planes), *checked_coloring(saturation, upsample), out
    )
    return out


def _check_pixels(picture: NDArray[Any], name: str) -> None:
    if picture.dtype not in (np.uint8, np.uint16) or not picture.dtype.isnative:
        raise ValueError(f"expected {name} of uint8 or uint16, got {_described(picture)}")
    channels = 1 if picture.ndim == 2 else 3
    if picture.ndim not in (2, 3) or (picture.ndim == 3 and picture.shape[2] != 3):
        raise ValueError(
            f"expected {name} of shape (H, W) or (H, W, 3), got {_described(picture)}; "
            "split off an alpha channel first"
        )
    if picture.size == 0:
        raise ValueError(f"expected {name} with pixels, got {_described(picture)}")
    item = picture.itemsize
    if picture.strides[1:] != (channels * item, item)[: picture.ndim - 1]:
        raise ValueError(
            f"expected {name} with pixels packed within each row, got strides {picture.strides}; "
            "pass numpy.ascontiguousarray(picture)"
        )


def _check_out(out: NDArray[Any], shape: tuple[int, ...], dtype: Any) -> None:
    if out.shape != shape or out.dtype != dtype or not out.flags.carray:
        raise ValueError(
            f"expected out to be writable and C-contiguous of shape {shape}, {np.dtype(dtype)}, "
            f"got {_described(out)}"
        )


def checked_ab(ab_planes: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
    """The planes as the kernels take them; raises ValueError for another shape."""
    if ab_planes.ndim != 3 or ab_planes.shape[0] != 2 or ab_planes.size == 0:
        raise ValueError(f"expected ab_planes of shape (2, h, w), got {_described(ab_planes)}")
    return np.ascontiguousarray(ab_planes, np.float32)


def checked_coloring(saturation: float, upsample: Upsample) -> tuple[float, bool]:
    """Saturation, and whether guided; raises ValueError for other values."""
    if not 0 <= saturation <= 1e6:
        raise ValueError(f"expected a saturation of 0..1e6, got {saturation}")
    if upsample not in ("bilinear", "guided"):
        raise ValueError(f"expected upsample to be bilinear or guided, got {upsample!r}")
    return saturation, upsample == "guided"


def _described(array: NDArray[Any]) -> str:
    return f"{array.shape}, {array.dtype}"
