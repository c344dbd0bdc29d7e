"""What is launched, with which grid, and what is refused."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorize_batch.kernels.cuda.kernels import KERNELS
from colorize_batch.kernels.cuda.launches import (
    Coloring,
    Launch,
    Pixels,
    Planes,
    chroma_planes,
    l_plane,
    merge_ab,
)
from colorize_batch.kernels.cuda.layout import QUAD, REDUCE_THREADS, Floats, Words

SOURCE, AB, FIELD, OUT = 1000, 2000, 3000, 4000  # addresses


def pixels(channels: int = 1, height: int = 30, width: int = 1030, words: int = SOURCE) -> Pixels:
    return Pixels(words=words, height=height, width=width, channels=channels)


def coloring(**options: Any) -> Coloring:
    ab = Planes(floats=AB, height=20, width=130, index=2)
    return Coloring(ab=ab, field=FIELD, **options)


def every_launch() -> list[Launch]:
    launches = []
    for channels in (1, 3):
        planes = Planes(floats=AB, height=20, width=130)
        launches.append(l_plane(pixels(channels), planes))
        for upsample in ("bilinear", "guided"):
            colors = coloring(upsample=upsample)
            launches += merge_ab(pixels(channels), colors, pixels(3, words=OUT))
            if channels == 1:
                launches += chroma_planes(pixels(), colors, OUT)
    return launches


def test_every_kernel_is_launched_and_every_launch_is_of_a_kernel() -> None:
    assert {launch.kernel for launch in every_launch()} == set(KERNELS)


@pytest.mark.parametrize("launch", every_launch(), ids=lambda launch: launch.kernel)
def test_arguments_fit_the_c_signature(launch: Launch) -> None:
    kernel = KERNELS[launch.kernel]
    assert launch.block == (kernel.threads, 1, 1)
    parameters = inspect.signature(kernel.function, eval_str=True).parameters.values()
    assert len(parameters) == len(launch.arguments)
    for parameter, argument in zip(parameters, launch.arguments, strict=True):
        expected = int if parameter.annotation in (Words, Floats) else parameter.annotation
        assert type(argument) is expected, parameter


def test_order_of_a_guided_merge() -> None:
    launches = merge_ab(pixels(3), coloring(upsample="guided"), pixels(3, words=OUT))
    assert [launch.kernel for launch in launches] == [
        "ab_offsets",
        "luma_rgb",
        "window_slopes",
        "guided_lines",
        "merge_rgb_guided",
    ]
    assert launches[-1].grid == (3, 30, 1)  # 258 quads of a row by 128
    assert launches[-1].arguments[0] == SOURCE
    assert launches[-1].arguments[-1] == OUT


def test_buffers_are_told_in_words_and_floats() -> None:
    assert pixels(1, width=5).words_needed == 30 * 2
    assert pixels(3, width=5).words_needed == 30 * 6
    assert coloring().floats_needed == 2 * 20 * 130
    assert coloring(upsample="guided").floats_needed == 7 * 20 * 130


@given(width=st.integers(1, 65535), small=st.integers(1, 4096), channels=st.sampled_from([1, 3]))
def test_tiles_cover_a_row_and_need_one_chunk(width: int, small: int, channels: int) -> None:
    launch = l_plane(pixels(channels, width=width), Planes(floats=AB, height=2, width=small))
    tile = int(launch.arguments[-1])
    assert 1 <= tile <= REDUCE_THREADS
    assert (launch.grid[0] - 1) * tile < small <= launch.grid[0] * tile
    if tile > 1 and width >= small:
        for left in {0, tile, (launch.grid[0] - 1) * tile}:
            first = left * width // small // QUAD * QUAD
            end = -(-min(left + tile, small) * width // small)
            assert (end - first) * channels <= 4 * REDUCE_THREADS


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pixels(4), "1 or 3 channels, got 4"),
        (lambda: pixels(height=0), "0 x 1030"),
        (lambda: pixels(width=65536), "30 x 65536"),
        (lambda: Planes(floats=AB, height=0, width=3), "0 x 3"),
        (lambda: Planes(floats=AB, height=3, width=3, index=-1), "index"),
        (lambda: coloring(saturation=-1.0), "saturation"),
        (lambda: coloring(saturation=float("nan")), "saturation"),
        (lambda: coloring(upsample="cubic"), "cubic"),
        (lambda: merge_ab(pixels(), coloring(), pixels(1, words=OUT)), "rgb of 30 x 1030 x 3"),
        (lambda: chroma_planes(pixels(3), coloring(), OUT), "luma of 1 channel"),
        (
            lambda: l_plane(pixels(width=65535), Planes(floats=AB, height=1, width=65535)),
            "below 2\\^31",
        ),
    ],
)
def test_refusals_say_what_was_expected(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_numbers_have_the_size_that_kernels_take() -> None:
    offsets = merge_ab(pixels(), coloring(saturation=1.3), pixels(3, words=OUT))[0]
    assert offsets.arguments == (AB, 2, np.float32(1.3), FIELD, 20, 130)
