import numpy as np
import pytest
from onnx import helper

from colorize_batch.engine.inference.contract import INPUT_NAME, OUTPUT_NAME
from colorize_batch.errors import ModelError
from colorize_batch.export.parity.color_difference import ParityBounds
from colorize_batch.export.parity.parity_pictures import parity_pictures
from colorize_batch.export.tensorrt.mixed_precision import mixed_precision
from tests.conftest import TINY_CONTRACT
from tests.export.graph.graphs import model_of, overflowing_model

BOUNDS = ParityBounds()


@pytest.fixture(scope="module")
def pictures():
    return parity_pictures(TINY_CONTRACT)[:2]


def test_all_in_fp16_where_that_will_do(pictures):
    kernel = np.array([0.5, -0.25], np.float32).reshape(2, 1, 1, 1)
    model = model_of([helper.make_node("Conv", [INPUT_NAME, "k"], [OUTPUT_NAME])], {"k": kernel})
    mixed = mixed_precision(model, pictures, BOUNDS)
    assert (mixed.kept, mixed.nodes, mixed.trials) == ((), 1, 1)
    assert 0 < mixed.difference.mean_ab < 0.02
    assert mixed.difference.max_ab < 0.05
    assert BOUNDS.allow(mixed.difference)


def test_keeps_exactly_what_overflows(pictures):
    trials = []
    mixed = mixed_precision(overflowing_model(), pictures, BOUNDS, on_trial=trials.append)
    assert mixed.kept == ("large_2", "small")  # both read or give what is beyond 65504
    assert BOUNDS.allow(mixed.difference)
    assert trials == list(range(1, mixed.trials + 1))


def test_keeps_what_underflows(pictures):
    """A guard against division by zero that FP16 rounds to zero."""
    model = model_of(
        [
            helper.make_node("Sub", [INPUT_NAME, INPUT_NAME], ["zero"]),
            helper.make_node("Add", ["zero", "tiny"], ["guarded"]),
            helper.make_node("Div", ["zero", "guarded"], ["ratio"]),
            helper.make_node("Concat", ["ratio", "ratio"], [OUTPUT_NAME], axis=1),
        ],
        {"tiny": np.float32(1e-12)},
    )
    mixed = mixed_precision(model, pictures, BOUNDS)
    assert mixed.kept == ("guarded", "ratio")
    assert mixed.difference.max_ab == 0


def test_sums_of_small_errors_are_found_too(pictures):
    """Each node alone is within bounds, all together are not."""
    names = [f"v{index}" for index in range(8)]
    nodes = [
        helper.make_node("Mul", [before, "scale"], [name])
        for before, name in zip([INPUT_NAME, *names], names, strict=False)
    ]
    nodes.append(helper.make_node("Concat", ["v7", "v7"], [OUTPUT_NAME], axis=1))
    model = model_of(nodes, {"scale": np.float32(1.001)})
    one_node = mixed_precision(model, pictures, ParityBounds(max_ab=10, mean_ab=10))
    tight = ParityBounds(max_ab=10, mean_ab=one_node.difference.mean_ab * 0.6)
    mixed = mixed_precision(model, pictures, tight)
    assert 0 < len(mixed.kept) < mixed.nodes
    assert mixed.difference.mean_ab <= tight.mean_ab


def test_no_layer_fits(pictures):
    with pytest.raises(ModelError, match=r"at most 1e-09 ab .*, got none; build with --precision"):
        mixed_precision(overflowing_model(), pictures, ParityBounds(max_ab=1e-9, mean_ab=1e-9))


def test_a_model_that_gives_no_numbers(pictures):
    model = model_of(
        [
            helper.make_node("Sub", [INPUT_NAME, INPUT_NAME], ["zero"]),
            helper.make_node("Div", ["zero", "zero"], ["nan"]),
            helper.make_node("Concat", ["nan", "nan"], [OUTPUT_NAME], axis=1),
        ]
    )
    with pytest.raises(ModelError, match="expected numbers, got infinities or NaN"):
        mixed_precision(model, pictures, BOUNDS)
