from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from colorize_batch.engine.pictures.preparation.contrast import Contrast

from .scenes import board, photograph


def test_full_contrast_stays_as_it_is() -> None:
    plane = photograph(256, 256)
    contrast = Contrast.of(plane)
    assert contrast.gain == 1.0
    assert contrast.stretched(plane) is plane


@pytest.mark.parametrize(("share", "lift"), [(0.22, 60.0), (0.5, 30.0), (0.22, 5.0)])
def test_a_faded_print_is_shown_as_it_was(share: float, lift: float) -> None:
    plane = photograph(256, 256)
    faded = (lift + share * plane).astype(np.float32)
    contrast = Contrast.of(faded)
    assert contrast.gain == pytest.approx(1 / share, rel=0.05)
    assert np.abs(contrast.stretched(faded) - plane).mean() < 2


def test_an_empty_frame_has_so_much_gain_that_no_colour_is_left() -> None:
    assert Contrast.of(board(256, 256, 50.0, noise=0.8)).gain > 15
    assert np.isfinite(Contrast.of(np.full((64, 64), 50, np.float32)).gain)


@given(st.floats(0, 60), st.floats(0.1, 100))
def test_shown_lightness_stays_in_range_and_grows_with_its_own(dark: float, span: float) -> None:
    plane = np.linspace(dark, min(dark + span, 100), 64, dtype=np.float32)[None].repeat(8, axis=0)
    shown = Contrast.between(dark, min(dark + span, 100)).stretched(plane)
    assert shown.min() >= 0
    assert shown.max() <= 100
    assert (np.diff(shown[0]) >= -1e-4).all()


def test_the_gain_grows_smoothly_with_the_fading() -> None:
    spans = np.arange(20, 97, 0.25)
    gains = [Contrast.between(2, 2 + span).gain for span in spans]
    assert all(0 <= a - b < 0.1 for a, b in itertools.pairwise(gains))


@pytest.mark.parametrize("lightness", [0.0, 50.0, 100.0])
def test_a_blank_picture_is_shown_as_it_is(lightness: float) -> None:
    plane = np.full((64, 96), lightness, np.float32)
    np.testing.assert_array_equal(Contrast.of(plane).stretched(plane), plane)
