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
from .resampling import NO_WINDOW, weight, weighted_sum, window

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
        ends = cuda.shared.array(2, int32)
        thread = int32(cuda.threadIdx.x)
        y = int32(cuda.blockIdx.y)
        left = int32(cuda.blockIdx.x * tile)
        right = min(int32(left + tile), small_width)
        x = int32(left + thread)
        rows = window(y, height, small_height)
        columns = window(x, width, small_width) if x < right else NO_WINDOW
        if x == left:
            ends[0] = columns[0]
        if x == right - 1:
            ends[1] = columns[0] + columns[1]
        cuda.syncthreads()
        row_words = int32((width + QUAD - 1) // QUAD * channels)
        chunk_pixels = int32(CHUNK_BYTES // channels)

        red = green = blue = ZERO
        # A chunk starts with a quad, where words and pixels begin together.
        for chunk in range(ends[0] // QUAD * QUAD, ends[1], chunk_pixels):
            word = int32(chunk // QUAD * channels + thread)
            if word < row_words:
                top = rows[0] * row_words + word
                bottom = top + (rows[1] - 1) * row_words
                first, last = source[top], source[bottom]
                odd = last if rows[1] & 1 else int32(0)
                sum_0 = int32(odd & 255)
                sum_1 = int32(odd >> 8 & 255)
                sum_2 = int32(odd >> 16 & 255)
                sum_3 = int32(odd >> 24 & 255)
                # Rows go in pairs, so that two reads are under way at once; the sums are exact.
                at = top
                while at < bottom:
                    here, below = source[at], source[at + row_words]
                    sum_0 = int32(sum_0 + (here & 255) + (below & 255))
                    sum_1 = int32(sum_1 + (here >> 8 & 255) + (below >> 8 & 255))
                    sum_2 = int32(sum_2 + (here >> 16 & 255) + (below >> 16 & 255))
                    sum_3 = int32(sum_3 + (here >> 24 & 255) + (below >> 24 & 255))
                    at += 2 * row_words
                byte = 4 * thread
                sums[byte] = weighted_sum(rows, sum_0, first & 255, last & 255)
                sums[byte + 1] = weighted_sum(rows, sum_1, first >> 8 & 255, last >> 8 & 255)
                sums[byte + 2] = weighted_sum(rows, sum_2, first >> 16 & 255, last >> 16 & 255)
                sums[byte + 3] = weighted_sum(rows, sum_3, first >> 24 & 255, last >> 24 & 255)
            cuda.syncthreads()
            if x < right:
                begin = max(columns[0], int32(chunk))
                for cell in range(begin, min(columns[0] + columns[1], chunk + chunk_pixels)):
                    share = weight(columns, int32(cell - columns[0]))
                    held = (cell - chunk) * channels
                    red += share * sums[held]
                    if channels == 3:
                        green += share * sums[held + 1]
                        blue += share * sums[held + 2]
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
