import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor

from colorize_batch.engine.inference.contract import INPUT_NAME, OUTPUT_NAME
from colorize_batch.errors import ModelError
from colorize_batch.export.parity.parity import check_parity
from colorize_batch.training.models.network import ColorNetwork


class Doubled(ColorNetwork):
    """a* = b* = 2 L*."""

    working_multiple = 4
    working_area = 32 * 32

    def forward(self, l_plane: Tensor) -> Tensor:
        return (2 * l_plane).expand(-1, 2, -1, -1)


def graph(factor: float, channels: int = 2) -> bytes:
    weight = numpy_helper.from_array(np.full((channels, 1, 1, 1), factor, np.float32), "weight")
    model = helper.make_model(
        helper.make_graph(
            [helper.make_node("Conv", [INPUT_NAME, "weight"], [OUTPUT_NAME])],
            "doubled",
            [helper.make_tensor_value_info(INPUT_NAME, TensorProto.FLOAT, ["n", 1, "h", "w"])],
            [
                helper.make_tensor_value_info(
                    OUTPUT_NAME, TensorProto.FLOAT, ["n", channels, "h", "w"]
                )
            ],
            [weight],
        ),
        opset_imports=[helper.make_opsetid("", 20)],
        ir_version=10,
    )
    onnx.checker.check_model(model)
    return model.SerializeToString()


def test_equal_models_pass() -> None:
    assert check_parity(Doubled(), graph(2.0)) < 1e-4


def test_compares_at_the_working_area_in_working_multiples(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shapes = []

    def forward(self: Doubled, l_plane: Tensor) -> Tensor:
        shapes.append(tuple(l_plane.shape))
        return (2 * l_plane).expand(-1, 2, -1, -1)

    monkeypatch.setattr(Doubled, "forward", forward)
    check_parity(Doubled(), graph(2.0))
    assert shapes == [(1, 1, 32, 32), (3, 1, 24, 44), (2, 1, 56, 20)]
    monkeypatch.setattr(Doubled, "working_multiple", 64)
    check_parity(Doubled(), graph(2.0))
    assert set(shapes[3:]) == {(count, 1, 64, 64) for count in (1, 2, 3)}


def test_the_error_is_the_largest_difference() -> None:
    error_ab = check_parity(Doubled(), graph(2.0005), max_error_ab=0.1)
    assert error_ab == pytest.approx(0.0005 * 100, rel=0.05)  # L* reaches 100
    with pytest.raises(ModelError, match=r"differs from PyTorch by 0\.049\d ab units"):
        check_parity(Doubled(), graph(2.0005), max_error_ab=0.01)


def test_not_a_number_is_refused() -> None:
    with pytest.raises(ModelError, match="differs from PyTorch by nan"):
        check_parity(Doubled(), graph(float("nan")))


def test_another_shape_is_refused() -> None:
    with pytest.raises(ModelError, match=r"expected ab of shape \(1, 2, 32, 32\)"):
        check_parity(Doubled(), graph(2.0, channels=3))


def test_no_model_is_refused() -> None:
    with pytest.raises(ModelError, match="ONNX Runtime refuses the model"):
        check_parity(Doubled(), b"not a model")
