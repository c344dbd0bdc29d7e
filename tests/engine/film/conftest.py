"""A back end for films, and a short way to run it."""

from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.film.film_options import FilmOptions
from colorize_batch.engine.film.film_runner import FilmRunner
from tests.conftest import TINY_CONTRACT


class FilmBackend:
    """Predicts b* = 20 everywhere, and an a* that is another one at each look."""

    contract = TINY_CONTRACT
    device = "fake"
    callers = 1
    preferred_batch_size = 4

    def __init__(self):
        self.looks = 0

    def infer(self, l_batch):
        _, _, height, width = l_batch.shape
        ab = np.full((1, 2, height // 2, width // 2), 20, np.float32)
        ab[:, 0] = 20 + 10 * (-1) ** self.looks
        self.looks += 1
        return ab

    def interrupt(self):
        pass

    def close(self):
        pass


@pytest.fixture
def backend():
    return FilmBackend()


@pytest.fixture
def colorize(backend):
    """Colorize a film; keywords of `FilmRunner.run` in `run`, others are options."""

    def call(source, output, *, run=None, **options):
        runner = FilmRunner(backend, "0" * 64, FilmOptions(**options))
        return runner.run(source, output, **(run or {}))

    return call
