from __future__ import annotations

import numpy as np

from colorize_batch.engine.pictures.preparation.negative import looks_negative

from .scenes import board


def dark_picture_with_bright_detail() -> np.ndarray:
    """(256, 256) L*: plain and dark, with fine light things low in it."""
    rng = np.random.default_rng(0)
    plane = 12 + 2 * rng.normal(size=(256, 256))
    plane[150:250, 80:180] = 62 + 16 * rng.normal(size=(100, 100))
    return plane.clip(0, 100).astype(np.float32)


def test_what_is_light_and_plain_with_dark_detail_looks_like_a_negative() -> None:
    plane = dark_picture_with_bright_detail()
    assert not looks_negative(plane)
    assert looks_negative(100 - plane)


def test_empty_frames_and_small_planes_do_not() -> None:
    assert not looks_negative(board(256, 256, 80.0))
    assert not looks_negative(np.full((32, 300), 50, np.float32))
