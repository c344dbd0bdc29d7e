import numpy as np
import onnx
from onnx import TensorProto

from colorize_batch.export.graph.fp16_from_onnx import fp16_from_onnx
from colorize_batch.export.graph.rounded_twin import rounded_twin
from colorize_batch.export.parity.onnx_on_cpu import ab_on_cpu
from tests.export.graph.graphs import overflowing_model

RAMP = np.linspace(1, 100, 64, dtype=np.float32).reshape(1, 1, 8, 8)


def run(model):
    return ab_on_cpu(model.SerializeToString(), [RAMP])[0]


def test_shows_the_overflow_that_the_runtime_hides():
    converted = fp16_from_onnx(overflowing_model())
    assert np.isfinite(run(converted)).all()
    assert not np.isfinite(run(rounded_twin(converted))).any()


def test_rounds_every_tensor_as_fp16_does():
    kept = ["large_1", "large_2", "small"]
    found = run(rounded_twin(fp16_from_onnx(overflowing_model(), kept)))
    first = RAMP.astype(np.float16).astype(np.float32)
    small = (first * 300 * 300 / 90000).astype(np.float16).astype(np.float32)
    expected = (small * 0.25).astype(np.float16) * 2
    np.testing.assert_array_equal(found, np.repeat(expected, 2, axis=1).astype(np.float32))


def test_a_valid_model_with_float32_ends_and_weights():
    converted = fp16_from_onnx(overflowing_model())
    before = converted.SerializeToString()
    twin = rounded_twin(converted)
    onnx.checker.check_model(twin, full_check=True)
    assert converted.SerializeToString() == before
    assert {weight.data_type for weight in twin.graph.initializer} == {TensorProto.FLOAT}
    assert (twin.graph.input, twin.graph.output) == (converted.graph.input, converted.graph.output)
