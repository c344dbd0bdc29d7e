"""The average with the mirror image."""

from __future__ import annotations

from contextlib import closing

import numpy as np

from colorize_batch.engine.inference.hints import HintPlanes
from colorize_batch.engine.inference.model_files import model_file
from colorize_batch.engine.inference.open_backend import open_backend
from colorize_batch.engine.inference.test_time_augmentation import MirrorAveraged


def test_mirrored_pictures_get_mirrored_colours() -> None:
    l_batch = np.random.default_rng(0).uniform(0, 100, (2, 1, 64, 96)).astype(np.float32)
    with closing(open_backend(model_file("lite"), device="cpu")) as lite:
        best = MirrorAveraged(lite)
        assert best.contract == lite.contract
        ab_batch = best.infer(l_batch)
        mirrored = best.infer(np.ascontiguousarray(l_batch[..., ::-1]))
        np.testing.assert_allclose(mirrored[..., ::-1], ab_batch, atol=1e-4)
        plain = lite.infer(l_batch)
    assert plain.shape == ab_batch.shape
    assert np.abs(plain - ab_batch).max() > 0.1


class Counted:
    """A model of one rule that counts its calls: a* is the lightness's place from the left, b* the lightness."""

    contract = device = None
    callers, preferred_batch_size, busy_seconds = 1, 32, ()

    def __init__(self):
        self.batches = []

    def infer(self, l_batch, hints=None):
        self.batches.append((len(l_batch), hints))
        columns = np.broadcast_to(np.arange(l_batch.shape[-1], dtype=np.float32), l_batch.shape)
        return np.concatenate([columns, l_batch], axis=1)


def test_a_picture_and_its_mirror_image_are_one_batch():
    backend = Counted()
    best = MirrorAveraged(backend)
    assert best.preferred_batch_size == 16
    l_batch = np.random.default_rng(1).uniform(0, 100, (3, 1, 4, 6)).astype(np.float32)
    ab_batch = best.infer(l_batch)
    assert [count for count, _ in backend.batches] == [6]
    np.testing.assert_allclose(ab_batch[:, 0], 2.5)  # the mean of a place and its mirror image
    np.testing.assert_allclose(ab_batch[:, 1], l_batch[:, 0])
    hints = HintPlanes(ab=np.ones((3, 2, 4, 6), np.float32), mask=l_batch)
    best.infer(l_batch, hints)
    _, given = backend.batches[-1]
    np.testing.assert_array_equal(given.mask[:3], l_batch)
    np.testing.assert_array_equal(given.mask[3:], l_batch[..., ::-1])
