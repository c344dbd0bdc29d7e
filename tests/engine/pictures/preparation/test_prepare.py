from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colorize_batch.engine.pictures.pixel_picture import PixelPicture
from colorize_batch.engine.pictures.preparation.preparation_options import PreparationOptions
from colorize_batch.engine.pictures.preparation.prepare import PreparedPicture, prepare
from colorize_batch.kernels.reference.colorspace import luminance_from_f, srgb_from_linear

from .scenes import board, photograph, text_lines

OPTIONS = PreparationOptions()
AS_IS = PreparationOptions(as_is=True)


def picture_of(l_plane: np.ndarray) -> PixelPicture:
    gray = 255 * srgb_from_linear(luminance_from_f((l_plane.astype(float) + 16) / 116))
    return PixelPicture(pixels=np.rint(gray).clip(0, 255).astype(np.uint8))


def shape_of(height: int, width: int, most_root: float) -> tuple[int, int]:
    scale = min(288.0, most_root) / (height * width) ** 0.5
    return tuple(max(32, round(side * scale / 32) * 32) for side in (height, width))


def strong(l_plane: np.ndarray) -> np.ndarray:
    """What a network says of everything: as strong an orange as there is."""
    ab = np.ones((2, l_plane.shape[0] // 2, l_plane.shape[1] // 2), np.float32)
    return ab * np.array([20, 30], np.float32)[:, None, None]


def colored(prepared: PreparedPicture) -> np.ndarray:
    return prepared.ab_planes([strong(plane) for plane in prepared.l_planes])


def test_a_good_photograph_is_shown_once_and_whole() -> None:
    picture = picture_of(photograph(480, 640))
    prepared = prepare(picture, shape_of, OPTIONS)
    (plane,) = prepared.l_planes
    np.testing.assert_array_equal(plane, picture.l_plane(*plane.shape))
    np.testing.assert_array_equal(colored(prepared), strong(plane))


@pytest.mark.parametrize("l_value", [38.0, 52.0, 80.0])
def test_an_empty_frame_gets_no_colour(l_value: float) -> None:
    prepared = prepare(picture_of(board(300, 400, l_value)), shape_of, OPTIONS)
    assert np.hypot(*colored(prepared)).mean() < 2


def test_the_colour_of_a_faded_print_is_as_weak_as_its_contrast() -> None:
    faded = (60 + 0.25 * photograph(400, 400)).astype(np.float32)
    prepared = prepare(picture_of(faded), shape_of, OPTIONS)
    assert np.hypot(*colored(prepared)).mean() == pytest.approx(0.25 * np.hypot(20, 30), rel=0.1)


def test_a_board_stays_gray_and_its_print_is_looked_at_alone() -> None:
    page = board(640, 640, 52.0, noise=1.5)
    page[160:420, 150:490] = photograph(260, 340)
    prepared = prepare(picture_of(page), shape_of, OPTIONS)
    ab = colored(prepared)
    height, width = ab.shape[1:]
    inside = np.zeros((height, width), bool)
    inside[height * 168 // 640 : height * 412 // 640, width * 158 // 640 : width * 482 // 640] = 1
    assert np.hypot(*ab)[inside].min() > 30
    outside = np.ones((height, width), bool)
    outside[height * 150 // 640 : height * 430 // 640, width * 140 // 640 : width * 500 // 640] = 0
    assert np.hypot(*ab)[outside].max() == 0
    (plane,) = prepared.l_planes
    assert plane.shape[1] > plane.shape[0]


def test_prints_on_a_page_are_shown_one_by_one() -> None:
    page = board(560, 680, 92.0)
    for seed, (top, left) in enumerate([(40, 30), (40, 360), (300, 30), (300, 360)]):
        page[top : top + 220, left : left + 290] = photograph(220, 290, seed)
    assert len(prepare(picture_of(page), shape_of, OPTIONS).l_planes) == 4


def test_text_gets_no_colour_and_a_note() -> None:
    page = board(384, 284, 94.0)
    text_lines(page, 30, 24, 360, 260)
    prepared = prepare(picture_of(page), shape_of, OPTIONS)
    assert not prepared.l_planes
    assert not colored(prepared).any()
    assert "left gray" in prepared.note


def test_a_panorama_is_shown_in_tiles_that_join_without_seams() -> None:
    prepared = prepare(picture_of(photograph(300, 1500)), shape_of, OPTIONS)
    assert len(prepared.l_planes) > 2
    ab = colored(prepared)
    assert ab.shape[2] > 4 * ab.shape[1]
    np.testing.assert_allclose(ab, np.broadcast_to([[[20]], [[30]]], ab.shape), rtol=1e-4)


def test_a_small_copy_is_shown_smaller_and_sharpened() -> None:
    picture = picture_of(photograph(90, 120))
    (plane,) = prepare(picture, shape_of, OPTIONS).l_planes
    assert plane.size < 0.7 * prepare(picture, shape_of, AS_IS).l_planes[0].size
    own = picture.l_plane(*plane.shape)
    assert np.abs(np.diff(plane)).mean() > 1.1 * np.abs(np.diff(own)).mean()


def test_as_is_shows_everything_as_it_is() -> None:
    page = board(640, 640, 52.0)
    page[160:420, 150:490] = 60 + 0.2 * photograph(260, 340)
    picture = picture_of(page)
    prepared = prepare(picture, shape_of, AS_IS)
    (plane,) = prepared.l_planes
    np.testing.assert_array_equal(plane, picture.l_plane(*plane.shape))
    np.testing.assert_array_equal(colored(prepared), strong(plane))


def test_upright_takes_one_of_four_turns_and_turns_it_back() -> None:
    picture = picture_of(photograph(300, 400))
    prepared = prepare(picture, shape_of, PreparationOptions(upright="auto"))
    shapes = [plane.shape for plane in prepared.l_planes]
    assert shapes == [shapes[0], shapes[0][::-1]] * 2
    ab = prepared.ab_planes([strong(plane) for plane in prepared.l_planes])
    assert ab.shape[2] > ab.shape[1]


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 400), st.integers(1, 400), st.integers(0, 2**32 - 1), st.sampled_from("nbpr"))
def test_pictures_of_every_size_and_kind_get_colour_of_theirs(
    height: int, width: int, seed: int, kind: str
) -> None:
    rng = np.random.default_rng(seed)
    pixels = np.full((height, width), rng.integers(0, 256), np.uint8)
    if kind == "n":
        pixels = rng.integers(0, 256, (height, width)).astype(np.uint8)
    elif kind == "b":
        pixels[: height // 2] = rng.integers(0, 256)
    elif kind == "r":
        for _ in range(20):
            y, x = rng.integers(0, height), rng.integers(0, width)
            pixels[y : y + rng.integers(1, 60), x : x + rng.integers(1, 60)] = rng.integers(0, 256)
    prepared = prepare(PixelPicture(pixels=pixels), shape_of, OPTIONS)
    for plane in prepared.l_planes:
        assert plane.dtype == np.float32
        assert plane.min() >= 0
        assert plane.max() <= 100
    ab = colored(prepared)
    assert ab.shape[0] == 2
    assert np.isfinite(ab).all()
