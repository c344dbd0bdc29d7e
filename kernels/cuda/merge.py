"""Kernels that give a picture new colour at its own lightness."""

from __future__ import annotations

from typing import Final

from numpy import float32, int32

from .binding import cuda
from .layout import QUAD, QUAD_THREADS, Floats, Kernel, Words
from .pixel_math import PER_BYTE, f_from_gray, f_from_rgb, luma_from_rgb, rgb_from_f
from .resampling import place
from .upsample import NO_COLUMNS, columns_about, offsets_at, rows_about

BLOCK_WORDS: Final = 3 * QUAD_THREADS


def merging_kernel(channels: int, *, guided: bool) -> Kernel:
    """Make the kernel for pictures of 1 or 3 channels and a field of offsets, or else of lines.

    A thread paints a quad of pixels, and a row of blocks a row of the picture. Words pass through
    as a queue of bytes: pixels are taken from the lower end and put in at the upper.
    """

    def kernel(
        source: Words,
        height: int32,
        width: int32,
        field: Floats,
        small_height: int32,
        small_width: int32,
        rgb: Words,
    ) -> None:
        # A quad of RGB is three words; they are written by way of shared memory, so that
        # neighbouring threads write neighbouring words.
        painted = cuda.shared.array(BLOCK_WORDS, int32)
        thread = int32(cuda.threadIdx.x)
        y = int32(cuda.blockIdx.y)
        first_quad = int32(cuda.blockIdx.x * QUAD_THREADS)
        quad = int32(first_quad + thread)
        row_quads = int32((width + QUAD - 1) // QUAD)
        if quad < row_quads:
            at = (y * row_quads + quad) * channels
            in_0 = source[at]
            in_1 = source[at + 1] if channels == 3 else in_0
            in_2 = source[at + 2] if channels == 3 else in_0
            out_0 = out_1 = out_2 = int32(0)
            rows = rows_about(y, height, small_height, small_width)
            columns = NO_COLUMNS
            for k in range(QUAD):
                red = PER_BYTE * float32(int32(in_0 & 255))
                if channels == 1:
                    luma = red
                    f = f_from_gray(red)
                    in_0 = int32(in_0 >> 8)
                else:
                    green = PER_BYTE * float32(int32(in_0 >> 8 & 255))
                    blue = PER_BYTE * float32(int32(in_0 >> 16 & 255))
                    luma = luma_from_rgb(red, green, blue)
                    f = f_from_rgb(red, green, blue)
                    in_0 = int32((in_0 >> 24 & 255) | in_1 << 8)
                    in_1 = int32((in_1 >> 24 & 255) | in_2 << 8)
                    in_2 = int32(in_2 >> 24)
                across = place(int32(QUAD * quad + k), small_width, width)
                columns = columns_about(
                    across, columns, field, rows, small_height, small_width, guided
                )
                fx, fz = offsets_at(across, columns, luma, guided)
                out_0 = int32((out_0 >> 24 & 255) | out_1 << 8)
                out_1 = int32((out_1 >> 24 & 255) | out_2 << 8)
                out_2 = int32((out_2 >> 24 & 255) | rgb_from_f(f, fx, fz) << 8)
            painted[3 * thread] = out_0
            painted[3 * thread + 1] = out_1
            painted[3 * thread + 2] = out_2
        cuda.syncthreads()
        words = int32(3 * min(int32(row_quads - first_quad), int32(QUAD_THREADS)))
        start = 3 * (y * row_quads + first_quad)
        for k in range(3):
            word = int32(thread + k * QUAD_THREADS)
            if word < words:
                rgb[start + word] = painted[word]

    return kernel
