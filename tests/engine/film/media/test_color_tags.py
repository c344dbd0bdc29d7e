from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.film.media.color_tags import WEIGHTS, ColorTags, tags_of
from colorize_batch.engine.film.media.libav import av
from colorize_batch.engine.film.media.pixel_layout import layout_of
from colorize_batch.kernels import film
from colorize_batch.kernels.reference import (
    lab_from_srgb,
    lab_from_xyz,
    linear_from_srgb,
    xyz_from_linear,
)
from colorize_batch.kernels.reference.chroma_code import BT2020_FROM_BT709


def tags(matrix=6, *, full_range=False, primaries=2):
    return ColorTags(matrix=matrix, full_range=full_range, primaries=primaries, transfer=2)


def test_full_range_is_left_alone():
    np.testing.assert_array_equal(tags(full_range=True).luma_table(8), np.arange(256))


@pytest.mark.parametrize("depth", [8, 10, 12, 16])
def test_limited_range(depth):
    unit = 2 ** (depth - 8)
    table = tags().luma_table(depth)
    assert table.shape == (2**depth,)
    assert (table[0], table[16 * unit], table[235 * unit], table[-1]) == (0, 0, 255, 255)
    code = tags().chroma_code(depth)
    assert (code.luma_range, code.neutral) == ((16 * unit, 235 * unit), 128 * unit)
    np.testing.assert_allclose(code.chroma_scale[0] * (1 - code.blue_weight), 112 * unit)


def lab_of(luma_u8, cb, cr, matrix):
    """CIELAB of full-range codes, chroma -0.5..0.5, under a matrix."""
    red_weight, blue_weight = WEIGHTS[matrix]
    y = luma_u8 / 255
    red, blue = y + 2 * (1 - red_weight) * cr, y + 2 * (1 - blue_weight) * cb
    green = (y - red_weight * red - blue_weight * blue) / (1 - red_weight - blue_weight)
    return lab_from_srgb(np.stack([red, green, blue], axis=-1))


def painted(luma_u8, ab, given, depth):
    """Chroma -0.5..0.5 of luma (n,) in full range, in the colour a*, b*, as a film codes it."""
    code = given.chroma_code(depth)
    low, high = code.luma_range
    luma = (low + luma_u8 / 255 * (high - low)).round().astype(np.uint16)[None]
    planes = np.zeros((2, *luma.shape), np.uint16)
    film.write_chroma(
        luma, np.full((2, 2, 2), np.reshape(ab, (2, 1, 1)), np.float32), code, *planes
    )
    span = code.top if given.full_range else 224 << (depth - 8)
    return (planes[:, 0].astype(float) - code.neutral) / span


@pytest.mark.parametrize("matrix", sorted(WEIGHTS))
@pytest.mark.parametrize("full_range", [False, True])
def test_colour_is_the_predicted_one_under_every_matrix(matrix, full_range):
    luma_u8 = np.linspace(60, 175, 8)  # in gamut with all of these colours
    for ab in [(0, 0), (30, 20), (-25, 25), (10, -25), (35, -10)]:
        found = lab_of(
            luma_u8, *painted(luma_u8, ab, tags(matrix, full_range=full_range), 10), matrix
        )
        assert np.hypot(*(found[:, 1:] - ab).T).max() < 0.3


def test_wide_primaries():
    wide = ColorTags(matrix=9, full_range=True, primaries=9, transfer=14)
    cb, cr = painted(np.array([150.0]), (25, 15), wide, 10)[:, 0]
    red, blue = 150 / 255 + 2 * (1 - 0.2627) * cr, 150 / 255 + 2 * (1 - 0.0593) * cb
    green = (150 / 255 - 0.2627 * red - 0.0593 * blue) / 0.6780
    from_bt2020 = np.linalg.inv(BT2020_FROM_BT709)
    lab = lab_from_xyz(xyz_from_linear(from_bt2020 @ linear_from_srgb([red, green, blue])))
    assert np.hypot(*(lab[1:] - [25, 15])) < 0.3


@pytest.mark.parametrize(
    ("pix_fmt", "size", "given", "matrix", "full_range"),
    [
        ("yuv420p", (64, 48), {}, 6, False),
        ("yuv420p", (720, 576), {}, 6, False),  # a European DVD
        ("yuv420p", (1024, 576), {}, 6, False),
        ("yuv420p", (1280, 720), {}, 1, False),
        ("yuv420p", (1280, 536), {}, 1, False),  # HD without its bars
        ("yuv420p", (960, 720), {}, 1, False),
        ("yuv420p", (64, 48), {"colorspace": 9, "color_range": 2}, 9, True),
        ("yuv420p", (64, 48), {"colorspace": 8}, 6, False),
        ("yuvj420p", (64, 48), {}, 6, True),
        ("gray", (64, 48), {}, 6, True),
        ("gray", (64, 48), {"color_range": 1}, 6, False),
        ("rgb24", (64, 48), {"color_range": 2}, 6, False),
    ],
)
def test_what_is_not_told_is_what_players_take_it_for(pix_fmt, size, given, matrix, full_range):
    frame = av.VideoFrame(*size, pix_fmt)
    for name, value in given.items():
        setattr(frame, name, value)
    found = tags_of(frame, layout_of(pix_fmt))
    assert (found.matrix, found.full_range) == (matrix, full_range)
