from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.film.color.color_track import (
    FIRST_EVERY,
    FLASH,
    MOST_EVERY,
    ColorTrack,
)
from colorize_batch.engine.film.color.flicker import flicker

from ..textures import HEIGHT, WIDTH, texture


def panned(frames, step=1, seed=0):
    """A window that moves over a texture, forth and back."""
    wide = texture(seed)
    turn = WIDTH // 2
    starts = [step * (turn - abs(index % (2 * turn) - turn)) for index in range(frames)]
    return [wide[:, start : start + WIDTH].copy() for start in starts]


class Guesses:
    """A model that says something else each time it looks."""

    def __init__(self, spread=10.0):
        self.looks = 0
        self._random = np.random.default_rng(3)
        self._spread = spread

    def __call__(self, _begins=False):
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
    last = tracked(frames, lambda _: ab, every=1000)[-1].ab_planes[0]
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
    calm = panned(24)
    busy = [frame.copy() for frame in calm]
    random = np.random.default_rng(6)
    for frame in busy:
        frame[:, : WIDTH // 3] = random.integers(0, 255, (HEIGHT, WIDTH // 3))
    assert tracked(calm, Guesses())[-1].looks == 2
    last = tracked(busy, Guesses())[-1]
    assert last.cuts == (0,)
    assert last.looks >= 3


def test_a_model_that_agrees_is_asked_less_often():
    frames = panned(140)
    steady = tracked(frames, Guesses(spread=0.0))[-1]
    restless = tracked(frames, Guesses(spread=30.0))[-1]
    assert steady.every > restless.every >= FIRST_EVERY
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
    state = tracked(frames, lambda _: ab, every=1000)[1]
    assert state.ab_planes[0, 19:25, 23:29].mean() > -20


def sees(frames):
    """States by a model whose b* is what it can see: the contrast of the frame that it is shown."""
    track, states = ColorTrack(strength=0.6), []
    for frame in frames:
        ab = np.zeros((2, HEIGHT, WIDTH), np.float32)
        ab[1] = frame.std()
        states.append(track.next(states[-1] if states else None, frame, lambda _, ab=ab: ab))
    return states


def faded(frames, start, length, to=0.0):
    """Frames that come up from black (or another level) after `start` frames of it."""
    shares = [min(max((index + 1 - start) / length, 0), 1) for index in range(len(frames))]
    return [
        (to + share * (frame.astype(float) - to)).round().astype(np.uint8)
        for frame, share in zip(frames, shares, strict=True)
    ]


def dissolved(one, other, start, length):
    shares = [min(max((index + 1 - start) / length, 0), 1) for index in range(len(one))]
    return [
        ((1 - share) * a.astype(float) + share * b.astype(float)).round().astype(np.uint8)
        for a, b, share in zip(one, other, shares, strict=True)
    ]


@pytest.mark.parametrize("level", [0.0, 255.0])
@pytest.mark.parametrize("length", [12, 24, 48])
def test_colour_comes_with_the_picture_that_fades_in(level, length):
    frames = faded(panned(6 + length + 30), 6, length, level)
    states = sees(frames)
    visible = 6 + round(0.4 * length) + 8
    for state, frame in list(zip(states, frames, strict=True))[visible:]:
        assert state.ab_planes[1].mean() > 0.8 * frame.std()
    assert max(states[-1].cuts) < visible


@pytest.mark.parametrize("length", [12, 24, 48])
def test_the_second_scene_of_a_dissolve_gets_its_own_colour(length):
    count = 30 + length + 24
    frames = dissolved(panned(count, 0, seed=1), panned(count, 0, seed=2), 30, length)
    mine, other = (np.full((2, HEIGHT, WIDTH), value, np.float32) for value in (-30, 30))
    track, states = ColorTrack(strength=0.6), []
    for index, frame in enumerate(frames):
        predicted = mine if index < 30 + length / 2 else other
        states.append(track.next(states[-1] if states else None, frame, lambda _, p=predicted: p))
    assert all(state.ab_planes.mean() < -20 for state in states[:30])
    assert all(state.ab_planes.mean() > 20 for state in states[30 + length + 8 :])
    assert all(30 <= cut <= 30 + length + 2 for cut in states[-1].cuts[1:])


def exposed(frames, gain=0.0, offset=0.0, corners=0.0, seed=4):
    """Frames of unsteady exposure; 0..1 of full light each."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    distance = (rows**2 + columns**2) / 2
    out = []
    for index, frame in enumerate(frames):
        turn = (-1) ** index
        light = (1 + gain * random.uniform(-1, 1)) * (1 - corners * distance * (turn > 0))
        out.append(frame * light + 255 * offset * turn)
    return [np.clip(frame, 0, 255).astype(np.uint8) for frame in out]


@pytest.mark.parametrize(
    "exposure",
    [
        {"gain": 0.04},
        {"gain": 0.06},
        {"gain": 0.12},
        {"offset": 0.06},
        {"offset": 0.12},
        {"gain": 0.08, "corners": 0.2},
    ],
)
def test_exposure_that_flickers_is_no_cut(exposure):
    states = tracked(exposed(panned(100), **exposure), Guesses())
    assert states[-1].cuts == (0,)
    assert states[-1].looks <= 12


def test_cuts_in_flickering_film_are_found():
    shots = [panned(15, seed=seed) for seed in range(8)]
    frames = exposed([frame for shot in shots for frame in shot], gain=0.08, offset=0.03)
    assert tracked(frames, Guesses())[-1].cuts == tuple(range(0, 120, 15))


def test_a_flash_is_no_cut():
    frames = panned(40)
    for index in (15, 27, 28):
        frames[index] = np.clip(frames[index] * 0.2 + 220, 0, 255).astype(np.uint8)
    states = tracked(frames, Guesses())
    assert states[-1].cuts == (0,)
    assert states[16].ab_planes[0].std() <= states[14].ab_planes[0].std() + 1
    assert np.abs(states[16].ab_planes[0].mean() - states[14].ab_planes[0].mean()) < 1


def test_a_scene_of_two_frames_more_than_a_flash_stays_one():
    one, other = panned(40, seed=1), panned(40, seed=2)
    frames = one[:15] + other[15 : 15 + FLASH + 2] + one[15 + FLASH + 2 :]
    assert tracked(frames, Guesses())[-1].cuts == (0, 15, 15 + FLASH + 2)


def test_the_model_looks_again_soon_after_a_scene_began():
    states = tracked(panned(30), Guesses())
    assert [state.frame for state in states if state.age == 0][:2] == [0, FIRST_EVERY]


def test_colour_is_taken_over_sooner_than_lost():
    frames = panned(10)
    pale, rich = (np.full((2, HEIGHT, WIDTH), value, np.float32) for value in (4, 20))
    ends = []
    for first, second in ((pale, rich), (rich, pale)):
        track, state = ColorTrack(strength=0.6), None
        for index, frame in enumerate(frames):
            predicted = first if index == 0 else second
            state = track.next(state, frame, lambda _, p=predicted: p)
        ends.append(abs(state.ab_planes.mean() - second.mean()))
    assert ends[0] < 0.5 * ends[1]
