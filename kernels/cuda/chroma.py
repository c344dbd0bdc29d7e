"""Kernels that write the chroma planes for a luma plane that stays as it is."""

from __future__ import annotations

from numpy import float32, int32

from .binding import cuda
from .layout import QUAD, Floats, Kernel, Words
from .luma_exact import chroma_from_luma
from .pixel_math import PER_BYTE
from .resampling import place
from .upsample import NO_COLUMNS, columns_about, offsets_at, rows_about


def chroma_kernel(*, guided: bool) -> Kernel:
    """Make the kernel for a field of offsets, or else of lines.

    A thread takes a quad of luma, one word, and writes a word of Cb and one of Cr: the two planes
    follow each other, each laid out as the luma.
    """

    def kernel(
        luma: Words,
        height: int32,
        width: int32,
        field: Floats,
        small_height: int32,
        small_width: int32,
        cb_cr: Words,
    ) -> None:
        quad = int32(cuda.grid(1))
        y = int32(cuda.blockIdx.y)
        row_quads = int32((width + QUAD - 1) // QUAD)
        if quad >= row_quads:
            return
        at = y * row_quads + quad
        four = luma[at]
        cb = cr = int32(0)
        rows = rows_about(y, height, small_height, small_width)
        columns = NO_COLUMNS
        for k in range(QUAD):
            here = PER_BYTE * float32(int32(four & 255))
            four = int32(four >> 8)
            across = place(int32(QUAD * quad + k), small_width, width)
            columns = columns_about(across, columns, field, rows, small_height, small_width, guided)
            fx, fz = offsets_at(across, columns, here, guided)
            both = chroma_from_luma(here, fx, fz)
            cb = int32((cb >> 8 & 0xFFFFFF) | both << 24)
            cr = int32((cr >> 8 & 0xFFFFFF) | both >> 8 << 24)
        cb_cr[at] = cb
        cb_cr[height * row_quads + at] = cr

    return kernel
