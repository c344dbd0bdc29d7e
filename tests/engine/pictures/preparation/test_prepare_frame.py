from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.pictures.preparation.prepare_frame import (
    ScenePreparation,
    prepare_frame,
)

from .scenes import board, photograph
from .test_prepare import picture_of, shape_of, strong


def looked_at(frames, scene=None):
    scene = scene or ScenePreparation()
    made = []
    for frame in frames:
        prepared, scene = prepare_frame(picture_of(frame), shape_of, scene)
        # What a stopped run keeps is all that there is.
        scene = ScenePreparation.of_numbers(tuple(np.asarray(scene.numbers()).tolist()))
        made.append(prepared)
    return made, scene


def test_a_faded_film_is_shown_in_full_contrast_and_its_colour_is_as_weak() -> None:
    faded = (60 + 0.25 * photograph(360, 480)).astype(np.float32)
    (prepared,), _ = looked_at([faded])
    (plane,) = prepared.l_planes
    assert np.ptp(plane) > 90
    chroma = np.hypot(*prepared.ab_planes([strong(plane)]))
    assert chroma.mean() == pytest.approx(0.25 * np.hypot(20, 30), rel=0.1)


def test_the_gain_of_a_scene_does_not_follow_its_frames() -> None:
    full, dim = photograph(360, 480), (20 + 0.3 * photograph(360, 480)).astype(np.float32)
    frames, _ = looked_at([full, dim, full, dim])
    assert [prepared.views[0].chroma_gain for prepared in frames] == [1.0] * 4
    alone, _ = looked_at([dim])
    assert alone[0].views[0].chroma_gain < 0.4


@pytest.mark.parametrize("bars_l", [1.0, 8.0])
def test_bars_are_found_once_and_stay_through_dark_frames(bars_l: float) -> None:
    frame = board(360, 480, bars_l, noise=0.3)
    frame[45:315] = photograph(270, 480)
    dark = frame.copy()
    dark[45:315] = bars_l
    frames, scene = looked_at([dark, frame, dark])
    assert scene.box is not None
    assert (scene.box.top, scene.box.bottom) == pytest.approx((45 / 360, 315 / 360), abs=0.012)
    assert [bool(prepared.prints) for prepared in frames] == [False, True, True]
    (plane,) = frames[1].l_planes
    chroma = np.hypot(*frames[1].ab_planes([strong(plane)], (120, 160)))
    assert chroma.shape == (120, 160)
    assert chroma[:14].max() == chroma[106:].max() == 0
    assert chroma[17:103].min() > 30


def test_a_leader_gets_no_colour() -> None:
    (prepared,), scene = looked_at([board(360, 480, 50.0)])
    (plane,) = prepared.l_planes
    assert np.hypot(*prepared.ab_planes([strong(plane)])).mean() < 2
    assert scene.box is None


def test_a_small_picture_within_a_frame_is_not_cropped_to() -> None:
    frame = board(360, 480, 2.0)
    frame[120:240, 160:320] = photograph(120, 160)
    (prepared,), _ = looked_at([frame])
    assert not prepared.prints
