from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.film.color_tags import WEIGHTS, ColorTags, tags_of
from colorize_batch.engine.film.libav import av
from colorize_batch.engine.film.pixel_layout import layout_of
from colorize_batch.kernels import cpu
from colorize_batch.kernels.reference import (
    lab_from_srgb,
    linear_from_xyz,
    srgb_from_lab,
    srgb_from_linear,
    xyz_from_lab,
)


def tags(matrix=6, *, full_range=False, primaries=2):
    return ColorTags(matrix=matrix, full_range=full_range, primaries=primaries, transfer=2)


def test_jfif_is_left_alone():
    np.testing.assert_allclose(
        tags(full_range=True).chroma_map(8), [[1, 0, 0], [0, 1, 0]], atol=1e-12
    )
    np.testing.assert_array_equal(tags(full_range=True).luma_table(8), np.arange(256))


@pytest.mark.parametrize("depth", [8, 10, 12, 16])
def test_limited_range(depth):
    unit = 2 ** (depth - 8)
    table = tags().luma_table(depth)
    assert table.shape == (2**depth,)
    assert (table[0], table[16 * unit], table[235 * unit], table[-1]) == (0, 0, 255, 255)
    gray = tags().chroma_map(depth) @ [128, 128, 1]
    np.testing.assert_allclose(gray, [128 * unit] * 2)
    blue = tags().chroma_map(depth) @ [255.5, 128, 1]
    np.testing.assert_allclose(blue[0], 240 * unit)


def lab_of(luma_u8, cb, cr, matrix):
    """CIELAB of full-range codes, chroma -0.5..0.5, under a matrix."""
    red_weight, blue_weight = WEIGHTS[matrix]
    y = luma_u8 / 255
    red, blue = y + 2 * (1 - red_weight) * cr, y + 2 * (1 - blue_weight) * cb
    green = (y - red_weight * red - blue_weight * blue) / (1 - red_weight - blue_weight)
    return lab_from_srgb(np.stack([red, green, blue], axis=-1))


@pytest.mark.parametrize("matrix", sorted(WEIGHTS))
@pytest.mark.parametrize("full_range", [False, True])
def test_chroma_shows_the_same_colour_under_every_matrix(matrix, full_range):
    luma_u8 = np.linspace(60, 200, 8).round().astype(np.uint8)
    for a, b in [(0, 0), (30, 20), (-25, 25), (10, -25), (35, -10)]:
        ab = np.empty((2, 2, 2), np.float32)
        ab[0], ab[1] = a, b
        jfif = cpu.chroma_planes(np.tile(luma_u8, (2, 1)), ab)[:, 0].astype(float)
        codes = tags(matrix, full_range=full_range).chroma_map(8) @ [*jfif, np.ones(8)]
        found = lab_of(luma_u8, *(codes - 128) / (255 if full_range else 224), matrix)
        meant = lab_of(luma_u8, *(jfif - 128) / 255, 6)
        assert np.hypot(*(found - meant)[:, 1:].T).max() < 1.2


def test_wide_primaries():
    luma = np.full((2, 2), 150, np.uint8)
    ab = np.empty((2, 2, 2), np.float32)
    ab[0], ab[1] = 25, 15
    jfif = cpu.chroma_planes(luma, ab)[:, 0, 0].astype(float)
    wide = ColorTags(matrix=9, full_range=True, primaries=9, transfer=14)
    cb, cr = (wide.chroma_map(8) @ [*jfif, 1] - 128) / 255
    red, blue = 150 / 255 + 2 * (1 - 0.2627) * cr, 150 / 255 + 2 * (1 - 0.0593) * cb
    green = (150 / 255 - 0.2627 * red - 0.0593 * blue) / 0.6780
    lightness = lab_from_srgb(np.full(3, 150 / 255))[0]
    linear = linear_from_xyz(xyz_from_lab([lightness, 25, 15]))
    matrix = np.array(
        [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
    )
    expected = srgb_from_linear(matrix @ linear)
    narrow = srgb_from_lab([lightness, 25, 15])
    found = np.array([red, green, blue])
    found -= (found - expected).mean()  # their luma is not quite the same
    assert np.abs(found - expected).max() < 0.03
    assert np.ptp(found) < 0.85 * np.ptp(narrow)


@pytest.mark.parametrize(
    ("pix_fmt", "size", "given", "matrix", "full_range"),
    [
        ("yuv420p", (64, 48), {}, 6, False),
        ("yuv420p", (1280, 720), {}, 1, False),
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
