"""Windows and places against the weights of the reference."""

from __future__ import annotations

import numpy as np
import pytest
from numpy import float32, int32

from colorize_batch.kernels.cuda.resampling import place, weight, weighted_sum, window
from colorize_batch.kernels.reference.resample import area_weights


@pytest.mark.parametrize(
    ("size_in", "size_out"),
    [(1, 1), (9, 9), (10, 5), (17, 6), (100, 1), (7, 30), (1, 4), (4000, 251), (65535, 32767)],
)
def test_windows_are_the_rows_of_the_area_matrix(size_in: int, size_out: int) -> None:
    outputs = range(size_out) if size_out < 300 else (0, 1, 12345, size_out - 1)
    wanted = area_weights(size_in, size_out) if size_out < 300 else None
    for index in outputs:
        cells = window(int32(index), int32(size_in), int32(size_out))
        first, count = int(cells[0]), int(cells[1])
        assert 0 <= first < first + count <= size_in
        weights = [weight(cells, int32(k)) for k in range(count)]
        assert {type(value) for value in weights} <= {float32}
        assert sum(weights) == pytest.approx(1, abs=1e-5)
        if wanted is not None:
            row = np.zeros(size_in)
            row[first : first + count] = weights
            np.testing.assert_allclose(row, wanted[index], atol=3e-6)


def test_places_are_clamped_to_the_cells() -> None:
    places = [place(int32(x), int32(3), int32(12)) for x in range(12)]
    assert places[0] == 0
    assert places[-1] == 2
    np.testing.assert_allclose(places[2:10], np.arange(8) / 4 + 0.125)


@pytest.mark.parametrize(("size_in", "size_out"), [(9, 9), (10, 5), (17, 6), (100, 1), (7, 30)])
def test_sum_of_a_window_from_the_plain_sum_of_its_cells(size_in: int, size_out: int) -> None:
    values = np.random.default_rng(0).integers(0, 256, size_in)
    for index in range(size_out):
        cells = window(int32(index), int32(size_in), int32(size_out))
        here = [int32(value) for value in values[cells[0] : cells[0] + cells[1]]]
        got = weighted_sum(cells, int32(sum(here)), here[0], here[-1])
        assert type(got) is float32
        assert got == pytest.approx(area_weights(size_in, size_out)[index] @ values, abs=1e-3)
