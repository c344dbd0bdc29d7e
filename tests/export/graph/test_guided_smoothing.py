"""The filter's nodes compute a guided filter, calm plain surfaces and come off again."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import helper

from colorize_batch.errors import UsageError
from colorize_batch.export.graph.chroma_curve import ChromaCurve, add_chroma_curve, pop_chroma_curve
from colorize_batch.export.graph.guided_smoothing import (
    GuidedSmoothing,
    add_guided_smoothing,
    pop_guided_smoothing,
)
from colorize_batch.export.graph.unused_weights import drop_unused_weights
from colorize_batch.export.parity.onnx_on_cpu import ab_on_cpu
from tests.export.graph.graphs import linear_model, model_of

SMOOTHING = GuidedSmoothing(radius=2, epsilon=9.0, output_stride=1)


def identity_of_noise() -> onnx.ModelProto:
    """a* is L* bent by a square, so that it is no linear function of it; b* is half of L*."""
    weights = {"scale": np.array([[[[0.02]]]], np.float32), "half": np.array(0.5, np.float32)}
    nodes = [
        helper.make_node("Mul", ["l_plane", "l_plane"], ["square"]),
        helper.make_node("Mul", ["square", "scale"], ["a"]),
        helper.make_node("Mul", ["l_plane", "half"], ["b"]),
        helper.make_node("Concat", ["a", "b"], ["ab_planes"], axis=1),
    ]
    return model_of(nodes, weights)


def l_batch(height: int = 24, width: int = 32) -> NDArray[np.float32]:
    rng = np.random.default_rng(0)
    blocks = np.kron(rng.uniform(20, 80, (1, 1, 3, 4)), np.ones((1, 1, height // 3, width // 4)))
    return (blocks + rng.normal(0, 2, blocks.shape)).astype(np.float32)


def box(plane: NDArray[np.float64], radius: int) -> NDArray[np.float64]:
    """Mean of the part of each window that is inside, by brute force."""
    height, width = plane.shape
    means = np.empty_like(plane)
    for y in range(height):
        for x in range(width):
            rows = slice(max(0, y - radius), y + radius + 1)
            columns = slice(max(0, x - radius), x + radius + 1)
            means[y, x] = plane[rows, columns].mean()
    return means


def halved(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    height, width = plane.shape
    return plane.reshape(height // 2, 2, width // 2, 2).mean(axis=(1, 3))


def doubled(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    """Linearly, by the centres of pixels."""
    for axis in (0, 1):
        size = plane.shape[axis]
        at = np.clip((np.arange(2 * size) + 0.5) / 2 - 0.5, 0, size - 1)
        low = np.floor(at).astype(int)
        high = np.minimum(low + 1, size - 1)
        share = np.expand_dims(at - low, 1 - axis)
        plane = np.take(plane, low, axis) * (1 - share) + np.take(plane, high, axis) * share
    return plane


def expected_plane(
    guide: NDArray[np.float64], plane: NDArray[np.float64], smoothing: GuidedSmoothing
) -> NDArray[np.float64]:
    radius = smoothing.radius
    small_l, small = halved(guide), halved(plane)
    mean_l, mean = box(small_l, radius), box(small, radius)
    deviation = small_l - mean_l
    covariance = box(deviation * (small - mean), radius)
    slope = covariance / (box(deviation**2, radius) + smoothing.epsilon)
    offset = mean - slope * mean_l
    return doubled(box(slope, radius)) * guide + doubled(box(offset, radius))


def test_the_nodes_compute_a_guided_filter() -> None:
    model = identity_of_noise()
    (raw,) = ab_on_cpu(model.SerializeToString(), [l_batch()])
    add_guided_smoothing(model, SMOOTHING)
    onnx.checker.check_model(model, full_check=True)
    (smooth,) = ab_on_cpu(model.SerializeToString(), [l_batch()])
    guide = l_batch()[0, 0].astype(np.float64)
    for found, plane in zip(smooth[0], raw[0].astype(np.float64), strict=True):
        np.testing.assert_allclose(found, expected_plane(guide, plane, SMOOTHING), atol=2e-3)


def test_clouds_go_and_edges_of_lightness_stay() -> None:
    lightness = np.full((1, 1, 64, 64), 30, np.float32)
    lightness[..., 32:] = 70
    cloudy = model_of(
        [
            helper.make_node("Sub", ["l_plane", "cloud"], ["a"]),
            helper.make_node("Concat", ["a", "a"], ["ab_planes"], axis=1),
        ],
        {"cloud": (8 * np.sin(np.arange(64) / 3)).astype(np.float32).reshape(1, 1, 64, 1)},
    )
    (before,) = ab_on_cpu(cloudy.SerializeToString(), [lightness])
    add_guided_smoothing(cloudy, GuidedSmoothing(radius=4, output_stride=1))
    (after,) = ab_on_cpu(cloudy.SerializeToString(), [lightness])
    for side in (slice(0, 24), slice(40, 64)):
        assert after[..., side].std() < 0.35 * before[..., side].std()
    assert after[0, 0, 32, 33] - after[0, 0, 32, 30] > 0.9 * 40


def test_a_coarser_output_is_guided_by_lightness_of_its_size() -> None:
    model = model_of(
        [
            helper.make_node(
                "AveragePool", ["l_plane"], ["small"], kernel_shape=[2, 2], strides=[2, 2]
            ),
            helper.make_node("Concat", ["small", "small"], ["ab_planes"], axis=1),
        ]
    )
    add_guided_smoothing(model, GuidedSmoothing(radius=2, epsilon=1e-3, output_stride=2))
    (found,) = ab_on_cpu(model.SerializeToString(), [l_batch()])
    reduced = halved(l_batch()[0, 0].astype(np.float64))
    # Colours that are lightness itself follow it whole, but where a window's variance is near epsilon.
    np.testing.assert_allclose(found[0, 0], reduced, atol=0.5)


@pytest.mark.parametrize("stride", [1, 2])
def test_it_comes_off_again(stride: int) -> None:
    model = linear_model((2.0, 1.0), (-90.0, -70.0))
    plain = model.SerializeToString(deterministic=True)
    smoothing = GuidedSmoothing(radius=3, epsilon=4.0, output_stride=stride)
    add_guided_smoothing(model, smoothing)
    add_chroma_curve(model, ChromaCurve(limit=80.0, half=30.0))
    drop_unused_weights(model.graph)
    assert pop_chroma_curve(model) == ChromaCurve(limit=80.0, half=30.0)
    assert pop_guided_smoothing(model) == smoothing
    assert model.SerializeToString(deterministic=True) == plain
    assert pop_guided_smoothing(model) is None


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"radius": 0}, "radius 0: expected 1 to 64"),
        ({"epsilon": 0.0}, "epsilon 0.0 must be positive"),
        ({"output_stride": 0}, "output_stride 0 must be positive"),
    ],
)
def test_what_is_no_filter_is_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        GuidedSmoothing(**wrong)
