"""Chroma for the planes of a film, beside `kernels.cpu` for pictures."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _native
from .cpu import Upsample, checked_ab, checked_coloring
from .reference import ChromaCode


def write_chroma(
    luma: NDArray[Any],
    ab_planes: NDArray[np.floating[Any]],
    code: ChromaCode,
    cb: NDArray[Any],
    cr: NDArray[Any],
    *,
    saturation: float = 1.0,
    upsample: Upsample = "bilinear",
) -> None:
    """Write the Cb and Cr that give luma the predicted colour and leave the luma as it is.

    As `kernels.cpu.chroma_planes`, in the matrix, range and depth of a film, and in place.

    Parameters
    ----------
    luma
        (H, W) codes at the size of the chroma planes: uint8, or uint16 above 8 bits.
    ab_planes, saturation, upsample
        As in `kernels.cpu.merge_ab`.
    code
        What the codes mean.
    cb, cr
        (H, W) in the type of `luma`, to write to; rows may lie apart.

    Raises
    ------
    ValueError
        A shape, type, memory layout or value other than those above.
    """
    dtype = np.uint8 if code.depth == 8 else np.uint16
    for name, plane in (("luma", luma), ("cb", cb), ("cr", cr)):
        if plane.dtype != dtype or plane.shape != luma.shape or plane.ndim != 2 or not plane.size:
            raise ValueError(
                f"expected {name} of shape (H, W), {np.dtype(dtype)}, the same for all three, got "
                f"{plane.shape}, {plane.dtype}"
            )
        if plane.strides[1] != plane.itemsize or plane.strides[0] % plane.itemsize:
            raise ValueError(f"expected {name} with pixels packed within each row")
    if not (cb.flags.writeable and cr.flags.writeable):
        raise ValueError("expected cb and cr that can be written to")
    _native.film_chroma(
        luma,
        checked_ab(ab_planes),
        *checked_coloring(saturation, upsample),
        code.members(),
        cb,
        cr,
    )
