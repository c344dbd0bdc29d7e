"""The average with the mirror image."""

from __future__ import annotations

from contextlib import closing

import numpy as np

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
