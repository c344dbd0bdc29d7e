"""The curve's nodes compute what it says, and come off again."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

from colorize_batch.errors import UsageError
from colorize_batch.export.graph.chroma_curve import ChromaCurve, add_chroma_curve, pop_chroma_curve
from colorize_batch.export.parity.onnx_on_cpu import ab_on_cpu
from tests.export.graph.graphs import linear_model

CURVE = ChromaCurve(limit=80.0, half=30.0)


def test_chroma_follows_the_formula_and_hue_stays() -> None:
    ab = np.array([[3.0, 4.0], [0.0, -30.0], [-90.0, 120.0]], np.float32)[:, :, None, None]
    curved = CURVE.of(ab)
    chroma, expected = np.hypot(ab[:, 0], ab[:, 1]), np.hypot(curved[:, 0], curved[:, 1])
    square = chroma.astype(np.float64) ** 2
    np.testing.assert_allclose(expected, 80 * square / (square + 30**2), rtol=1e-5)
    np.testing.assert_allclose(
        np.arctan2(curved[:, 1], curved[:, 0]), np.arctan2(ab[:, 1], ab[:, 0]), rtol=1e-5
    )
    assert expected[1] == pytest.approx(40)
    np.testing.assert_array_equal(CURVE.of(np.zeros((1, 2, 1, 1), np.float32)), 0)


def test_the_nodes_compute_it_and_come_off_again() -> None:
    model = linear_model((2.0, 1.0), (-90.0, -70.0))
    plain = model.SerializeToString(deterministic=True)
    l_batch = np.linspace(0, 100, 24, dtype=np.float32).reshape(1, 1, 4, 6)
    add_chroma_curve(model, CURVE)
    onnx.checker.check_model(model, full_check=True)
    (raw,) = ab_on_cpu(plain, [l_batch])
    (curved,) = ab_on_cpu(model.SerializeToString(), [l_batch])
    np.testing.assert_allclose(curved, CURVE.of(raw), atol=1e-4)
    assert not np.allclose(curved, raw, atol=1)
    assert pop_chroma_curve(model) == CURVE
    assert model.SerializeToString(deterministic=True) == plain
    assert pop_chroma_curve(model) is None


def test_colours_beyond_all_bounds_stay_numbers() -> None:
    ab = np.full((1, 2, 1, 1), 1e4, np.float32)
    assert np.isfinite(CURVE.of(ab)).all()


@pytest.mark.parametrize("wrong", [{"limit": 0.0, "half": 1.0}, {"limit": 1.0, "half": -1.0}])
def test_a_curve_that_is_none_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="must be positive"):
        ChromaCurve(**wrong)
