from __future__ import annotations

import itertools
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from colorize_batch.engine.film.media.timeline import Timeline

MS = Fraction(1, 1000)


def placed(ticks, **options):
    timeline = Timeline(MS, **options)
    return [timeline.placed(tick, 40) for tick in ticks], timeline.repaired


@given(st.lists(st.integers(-(10**6), 10**6), unique=True))
def test_good_timestamps_are_left_alone(ticks):
    assert placed(sorted(ticks)) == (sorted(ticks), 0)


@given(st.lists(st.none() | st.integers(-(10**5), 10**5), max_size=40))
def test_they_always_grow(ticks):
    times, repaired = placed(ticks)
    assert all(earlier < later for earlier, later in itertools.pairwise(times))
    assert repaired >= sum(tick is None for tick in ticks)


def test_mends():
    assert placed([None, None, None]) == ([0, 40, 80], 3)
    assert placed([0, 40, 40, 120]) == ([0, 40, 41, 120], 1)
    assert placed([0, 40, 30, 120]) == ([0, 40, 41, 120], 1)
    assert placed([5000, 5040, 0, 40, 80]) == ([5000, 5040, 5080, 5120, 5160], 3)
    assert placed([0, 0, 5], may_repeat=True) == ([0, 0, 5], 0)
