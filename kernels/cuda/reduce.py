"""Kernels that average a picture down to a plane: L* for a model, luma to guide upsampling."""

from __future__ import annotations

from typing import Final

from numpy import float32, int32

from .binding import cuda
from .layout import QUAD, REDUCE_THREADS, Floats, Kernel, Words
from .pixel_math import (
    L_OFFSET,
    L_SCALE,
    PER_BYTE,
    ZERO,
    f_from_gray,
    f_from_rgb,
    luma_from_rgb,
)
from .resampling import weight, window

CHUNK_BYTES: Final = 4 * REDUCE_THREADS


def reducing_kernel(channels: int, *, lightness: bool) -> Kernel:
    """Make the kernel for pictures of 1 or 3 channels that gives L*, or else luma of 0..1.

    A block makes `tile` outputs of one row. Its threads first sum columns of bytes over the rows of
    that row's window, each thread the four bytes of a word, so that neighbours read neighbouring
    words. The sums of a chunk of the row lie in shared memory, where each thread adds up the window
    of its own output. One chunk suffices for a tile, unless a single window is larger.
    """

    def kernel(
        source: Words,
        height: int32,
        width: int32,
        planes: Floats,
        index: int32,
        small_height: int32,
        small_width: int32,
        tile: int32,
    ) -> None:
        sums = cuda.shared.array(CHUNK_BYTES, float32)
        thread = int32(cuda.threadIdx.x)
        y = int32(cuda.blockIdx.y)
        left = int32(cuda.blockIdx.x * tile)
        right = min(int32(left + tile), small_width)
        x = int32(left + thread)
        rows = window(y, height, small_height)
        columns = window(min(x, int32(right - 1)), width, small_width)
        row_words = int32((width + QUAD - 1) // QUAD * channels)
        chunk_pixels = int32(CHUNK_BYTES // channels)

        # A chunk starts with a quad, where words and pixels begin together.
        start = int32(window(left, width, small_width)[0] // QUAD * QUAD)
        last = window(int32(right - 1), width, small_width)
        red = green = blue = ZERO
        for chunk in range(start, last[0] + last[1], chunk_pixels):
            word = int32(chunk // QUAD * channels + thread)
            if word < row_words:
                sum_0 = sum_1 = sum_2 = sum_3 = ZERO
                for k in range(rows[1]):
                    share = weight(rows, int32(k))
                    four = source[(rows[0] + k) * row_words + word]
                    sum_0 += share * float32(int32(four & 255))
                    sum_1 += share * float32(int32(four >> 8 & 255))
                    sum_2 += share * float32(int32(four >> 16 & 255))
                    sum_3 += share * float32(int32(four >> 24 & 255))
                sums[4 * thread] = sum_0
                sums[4 * thread + 1] = sum_1
                sums[4 * thread + 2] = sum_2
                sums[4 * thread + 3] = sum_3
            cuda.syncthreads()
            if x < right:
                first = max(columns[0], int32(chunk))
                for cell in range(first, min(columns[0] + columns[1], chunk + chunk_pixels)):
                    share = weight(columns, int32(cell - columns[0]))
                    at = (cell - chunk) * channels
                    red += share * sums[at]
                    if channels == 3:
                        green += share * sums[at + 1]
                        blue += share * sums[at + 2]
            cuda.syncthreads()

        if x < right:
            red, green, blue = PER_BYTE * red, PER_BYTE * green, PER_BYTE * blue
            out = (index * small_height + y) * small_width + x
            if lightness:
                f = f_from_gray(red) if channels == 1 else f_from_rgb(red, green, blue)
                planes[out] = L_SCALE * f - L_OFFSET
            else:
                planes[out] = red if channels == 1 else luma_from_rgb(red, green, blue)

    return kernel
