import numpy as np
import pytest

from colorize_batch.kernels.reference.colorspace import lab_from_srgb
from colorize_batch.training.color import gamut_bins as module
from colorize_batch.training.color.gamut_bins import BIN_COUNT, BIN_SIZE, gamut_bins

# How many bins there are for each a*, -90, -80 ... 100, as the paper's figure 3 (a) shows them.
BINS_PER_COLUMN = [5, 8, 10, 12, 14, 15, 16, 16, 17, 18, 18, 18, 19, 20, 19, 20, 20, 19, 19, 10]


def test_are_the_published_313() -> None:
    bins = gamut_bins()
    assert bins.shape == (BIN_COUNT, 2)
    columns, counts = np.unique(bins[:, 0], return_counts=True)
    assert columns.tolist() == list(range(-90, 101, 10))
    assert counts.tolist() == BINS_PER_COLUMN
    assert bins[0].tolist() == [-90, 50]
    assert bins[-1].tolist() == [100, 0]
    assert bins[:, 1].min() == -110
    assert bins[:, 1].max() == 100
    ordered = sorted(map(tuple, bins.tolist()))
    assert [tuple(row) for row in bins.tolist()] == ordered


def test_every_srgb_colour_is_near_a_bin() -> None:
    levels = np.linspace(0, 1, 17)
    cube = np.stack(np.meshgrid(levels, levels, levels), axis=-1).reshape(-1, 3)
    ab = lab_from_srgb(cube)[:, 1:]
    nearest = np.abs(ab[:, None] - gamut_bins()).max(axis=2).min(axis=1)
    assert nearest.max() <= BIN_SIZE / 2 + 1e-9


def test_do_not_hang_on_the_sampling(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = gamut_bins()
    monkeypatch.setattr(module, "_CUBE_STEPS", 41)
    monkeypatch.setattr(module, "_DIRECTIONS", 1800)
    np.testing.assert_array_equal(gamut_bins.__wrapped__(), expected)


def test_are_nobodys_to_change() -> None:
    with pytest.raises(ValueError, match="read-only"):
        gamut_bins()[0, 0] = 0
