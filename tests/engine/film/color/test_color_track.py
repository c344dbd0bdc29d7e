from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.film.color.color_track import LEAST_EVERY, MOST_EVERY, ColorTrack
from colorize_batch.engine.film.color.flicker import flicker

from ..textures import HEIGHT, WIDTH, texture


def panned(frames, step=1, seed=0):
    """A window that moves over a texture."""
    wide = texture(seed)
    return [wide[:, step * index : step * index + WIDTH].copy() for index in range(frames)]


class Guesses:
    """A model that says something else each time it looks."""

    def __init__(self, spread=10.0):
        self.looks = 0
        self._random = np.random.default_rng(3)
        self._spread = spread

    def __call__(self):
        self.looks += 1
        ab = np.full((2, HEIGHT, WIDTH), 20.0) + self._random.normal(0, self._spread, (2, 1, 1))
        return ab.astype(np.float32)


def tracked(frames, predict, **options):
    track = ColorTrack(**{"strength": 0.8} | options)
    states = []
    for frame in frames:
        states.append(track.next(states[-1] if states else None, frame, predict))
    return states


def test_carried_colour_flickers_far_less_than_that_of_each_frame():
    frames = panned(40)
    alone = [state.ab_planes for state in tracked(frames, Guesses(), strength=0.0, every=1)]
    smooth = [state.ab_planes for state in tracked(frames, Guesses())]
    often = [state.ab_planes for state in tracked(frames, Guesses(), every=4)]
    assert flicker(frames, alone) > 5
    assert flicker(frames, smooth) < 0.1 * flicker(frames, alone)
    assert flicker(frames, often) < 0.4 * flicker(frames, alone)


def test_colour_moves_with_what_it_belongs_to():
    frames = panned(12, step=2)
    ab = np.zeros((2, HEIGHT, WIDTH), np.float32)
    ab[0, :, 40:] = 50
    last = tracked(frames, lambda: ab, every=1000)[-1].ab_planes[0]
    middle = last[8:-8]
    assert middle[:, :10].mean() < 8
    assert middle[:, 26:54].mean() > 42


def test_a_cut_starts_anew():
    frames = panned(6, seed=1) + panned(6, seed=2)
    predict = Guesses()
    states = tracked(frames, predict)
    assert states[-1].cuts == (0, 6)
    assert states[-1].looks == predict.looks == 2
    before, after = states[5].ab_planes, states[6].ab_planes
    assert np.ptp(after[0]) == 0  # nothing of the scene before shines through
    assert abs(before[0].mean() - after[0].mean()) > 0.1


def test_given_cuts_are_obeyed():
    states = tracked(panned(12), Guesses(), cuts=frozenset({0, 7}))
    assert states[-1].cuts == (0, 7)


def test_still_frames_share_their_colour():
    frame = texture()[:, :WIDTH]
    predict = Guesses()
    states = tracked([frame.copy() for _ in range(200)], predict)
    assert predict.looks == 1
    assert all(state.ab_planes is states[0].ab_planes for state in states)
    assert states[-1].frame == 199


def test_slow_motion_adds_up_until_it_is_seen():
    base = texture()[:, :WIDTH].astype(float)
    frames = [(base * (1 - 0.002 * index)).astype(np.uint8) for index in range(40)]
    states = tracked(frames, Guesses())
    assert len({id(state.anchor_u8) for state in states}) > 5


def test_where_much_is_new_the_model_looks_sooner():
    calm = panned(20)
    busy = [frame.copy() for frame in calm]
    random = np.random.default_rng(6)
    for frame in busy:
        frame[:, : WIDTH // 3] = random.integers(0, 255, (HEIGHT, WIDTH // 3))
    assert tracked(calm, Guesses())[-1].looks == 1
    last = tracked(busy, Guesses())[-1]
    assert last.cuts == (0,)
    assert last.looks == 2


def test_a_model_that_agrees_is_asked_less_often():
    frames = panned(60)
    steady = tracked(frames, Guesses(spread=0.0))[-1]
    restless = tracked(frames, Guesses(spread=30.0))[-1]
    assert steady.every > restless.every >= LEAST_EVERY
    assert steady.every <= MOST_EVERY
    assert steady.looks < restless.looks


@pytest.mark.parametrize("every", [1, 5, 9])
def test_every_so_many_frames(every):
    predict = Guesses()
    tracked(panned(20), predict, every=every)
    assert predict.looks == -(-20 // every)


def test_new_places_take_the_colour_around_them():
    frames = panned(2, step=1)
    frames[1] = frames[1].copy()
    frames[1][16:28, 20:32] = np.random.default_rng(5).integers(0, 255, (12, 12))
    ab = np.full((2, HEIGHT, WIDTH), 30, np.float32)
    ab[0, 18:26, 22:30] = -80  # what was there before
    state = tracked(frames, lambda: ab, every=1000)[1]
    assert state.ab_planes[0, 19:25, 23:29].mean() > -20
