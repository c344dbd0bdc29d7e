from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.kernels import cpu, film, reference
from colorize_batch.kernels.reference import ChromaCode

JFIF = ChromaCode(depth=8, full_range=True, red_weight=0.299, blue_weight=0.114)
KINDS = {
    "jfif": JFIF,
    "601, 8 bit": ChromaCode(depth=8, full_range=False, red_weight=0.299, blue_weight=0.114),
    "709, 8 bit": ChromaCode(depth=8, full_range=False, red_weight=0.2126, blue_weight=0.0722),
    "709, 10 bit": ChromaCode(depth=10, full_range=False, red_weight=0.2126, blue_weight=0.0722),
    "709, 10 bit, full": ChromaCode(
        depth=10, full_range=True, red_weight=0.2126, blue_weight=0.0722
    ),
    "2020, 10 bit": ChromaCode(
        depth=10, full_range=False, red_weight=0.2627, blue_weight=0.0593, is_wide=True
    ),
    "709, 16 bit": ChromaCode(depth=16, full_range=False, red_weight=0.2126, blue_weight=0.0722),
}
HEIGHT, WIDTH = 61, 150


def luma_of(code):
    """Every luma from black to white and a little beyond, in a different order in each row."""
    low, high = code.luma_range
    ramp = np.linspace(max(low * 0.9, 0), min(high * 1.03, code.top), WIDTH)
    rolled = np.stack([np.roll(ramp, 7 * row) for row in range(HEIGHT)])
    return rolled.round().astype(np.uint8 if code.depth == 8 else np.uint16)


def smooth_ab(spread=14.0):
    grid = np.linspace(0, 6, 20)
    a = np.sin(grid)[None, :] * np.cos(grid[:9])[:, None]
    b = np.cos(1.3 * grid)[None, :] * np.sin(grid[:9] + 1)[:, None]
    return (spread * np.stack([a, b])).astype(np.float32)


def written(luma, ab, code, **options):
    planes = np.zeros((2, *luma.shape), luma.dtype)
    film.write_chroma(luma, ab, code, *planes, **options)
    return planes


@pytest.mark.parametrize("upsample", ["bilinear", "guided"])
@pytest.mark.parametrize("kind", KINDS)
def test_close_to_the_reference(kind, upsample):
    code = KINDS[kind]
    luma = luma_of(code)
    unit = 2 ** (code.depth - 8)
    for spread, mean, most in ((14.0, 0.03, 0.15), (60.0, 0.1, 1.2)):
        found = written(luma, smooth_ab(spread), code, upsample=upsample).astype(float)
        apart = np.abs(found - reference.film_chroma(luma, smooth_ab(spread), code, 1.0, upsample))
        rounding = 0.5  # of a code, whatever its depth
        assert apart.mean() < 0.27 + mean * unit
        assert apart.max() < rounding + most * unit


def test_ten_bits_are_finer_than_eight():
    code = KINDS["709, 10 bit"]
    luma = luma_of(code)
    exact = reference.film_chroma(luma, smooth_ab(), code)
    ten = np.abs(written(luma, smooth_ab(), code) - exact).mean()
    coarse = np.abs(4 * np.round(exact / 4) - exact).mean()
    assert ten < 0.45 * coarse
    assert len(np.unique(written(luma, smooth_ab(), code) % 4)) == 4


def test_jfif_is_what_pictures_get():
    luma = luma_of(JFIF)
    found = written(luma, smooth_ab(), JFIF, saturation=1.3)
    assert (
        np.abs(found.astype(int) - cpu.chroma_planes(luma, smooth_ab(), saturation=1.3)).max() <= 1
    )


def test_gray_is_neutral_in_every_code():
    for code in KINDS.values():
        luma = luma_of(code)
        assert (written(luma, smooth_ab(0), code) == code.neutral).all()


def test_rows_may_lie_apart():
    luma = luma_of(JFIF)
    wide = np.zeros((2, HEIGHT, WIDTH + 23), np.uint8)
    source = np.zeros((HEIGHT, WIDTH + 9), np.uint8)
    source[:, :WIDTH] = luma
    film.write_chroma(source[:, :WIDTH], smooth_ab(), JFIF, *wide[:, :, :WIDTH])
    np.testing.assert_array_equal(wide[:, :, :WIDTH], written(luma, smooth_ab(), JFIF))
    assert not wide[:, :, WIDTH:].any()
    upside_down = np.zeros((2, HEIGHT, WIDTH), np.uint8)
    film.write_chroma(luma[::-1], smooth_ab()[:, ::-1], JFIF, *upside_down[:, ::-1])
    assert np.abs(upside_down.astype(int) - written(luma, smooth_ab(), JFIF)).max() <= 1


def test_refusals():
    luma = luma_of(JFIF)
    planes = np.zeros((2, HEIGHT, WIDTH), np.uint8)
    for wrong in (luma.astype(np.uint16), luma[0], luma[:, ::2], luma[:0]):
        with pytest.raises(ValueError, match="expected"):
            film.write_chroma(wrong, smooth_ab(), JFIF, *planes)
    with pytest.raises(ValueError, match="expected cr"):
        film.write_chroma(luma, smooth_ab(), JFIF, planes[0], planes[1, 1:])
    planes.flags.writeable = False
    with pytest.raises(ValueError, match="written to"):
        film.write_chroma(luma, smooth_ab(), JFIF, *planes)


@pytest.mark.parametrize("kind", ["709, 8 bit", "709, 10 bit"])
def test_what_lies_beyond_black_and_white_guides_as_black_and_white(kind):
    """Cells of one luma each: colour between them must not depend on by how much they exceed."""
    code = KINDS[kind]
    low, high = (round(end) for end in code.luma_range)
    dtype = np.uint8 if code.depth == 8 else np.uint16
    levels = np.array([0, (low + high) // 2, code.top, low, high], dtype)
    cells = levels[np.arange(54).reshape(6, 9) % 5]
    luma = np.repeat(np.repeat(cells, 10, axis=0), 10, axis=1)
    ab = np.random.default_rng(1).uniform(-40, 40, (2, 6, 9)).astype(np.float32)
    beyond = written(luma, ab, code, upsample="guided")
    np.testing.assert_array_equal(
        beyond, written(np.clip(luma, low, high), ab, code, upsample="guided")
    )
