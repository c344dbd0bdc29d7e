import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from colorize_batch.engine.inference.contract import INPUT_NAME, OUTPUT_NAME
from colorize_batch.errors import ModelError
from colorize_batch.export.graph.fp16_from_onnx import fp16_from_onnx, fp16_nodes
from colorize_batch.export.parity.onnx_on_cpu import ab_on_cpu
from tests.export.graph.graphs import model_of, overflowing_model

KERNEL = np.array([0.5, -0.25], np.float32).reshape(2, 1, 1, 1)
RAMP = np.linspace(0, 100, 64, dtype=np.float32).reshape(1, 1, 8, 8)


def types_of(model):
    typed = onnx.shape_inference.infer_shapes(model, strict_mode=True)
    values = (*typed.graph.value_info, *typed.graph.input, *typed.graph.output)
    types = {value.name: value.type.tensor_type.elem_type for value in values}
    return types | {tensor.name: tensor.data_type for tensor in typed.graph.initializer}


def kinds(model):
    return [node.op_type for node in model.graph.node]


def test_all_in_fp16_between_float32_ends():
    model = overflowing_model()
    converted = fp16_from_onnx(model)
    assert kinds(converted) == ["Cast", *kinds(model), "Cast"]
    types = types_of(converted)
    ends = {INPUT_NAME, OUTPUT_NAME}
    assert {types[name] for name in ends} == {TensorProto.FLOAT}
    assert {kind for name, kind in types.items() if name not in ends} == {TensorProto.FLOAT16}
    assert converted.metadata_props == model.metadata_props


def test_the_source_is_left_alone():
    model = overflowing_model()
    before = model.SerializeToString()
    fp16_from_onnx(model)
    assert model.SerializeToString() == before


def test_names_every_node_by_its_first_output():
    model = overflowing_model()
    assert fp16_nodes(model) == [node.output[0] for node in model.graph.node]


def test_kept_nodes_stand_between_casts():
    converted = fp16_from_onnx(overflowing_model(), ["large_1", "large_2", "small"])
    assert kinds(converted) == [
        "Cast",
        "Relu",
        "Cast",
        "Mul",
        "Mul",
        "Div",
        "Cast",
        "Conv",
        "Add",
    ] + ["Cast"]
    weights = {tensor.name: tensor.data_type for tensor in converted.graph.initializer}
    assert weights == {
        "large": TensorProto.FLOAT,
        "square": TensorProto.FLOAT,
        "kernel.fp16": TensorProto.FLOAT16,
    }
    (found,) = ab_on_cpu(converted.SerializeToString(), [RAMP])
    np.testing.assert_allclose(found[:, :1], RAMP / 2, atol=0.05)


def test_all_kept_is_the_same_graph():
    model = overflowing_model()
    converted = fp16_from_onnx(model, fp16_nodes(model))
    assert list(converted.graph.node) == list(model.graph.node)
    assert list(converted.graph.initializer) == list(model.graph.initializer)


def test_a_value_for_both_types_is_cast_once():
    model = model_of(
        [
            helper.make_node("Conv", [INPUT_NAME, "kernel"], ["both"]),
            helper.make_node("Relu", ["both"], ["one"]),
            helper.make_node("Tanh", ["both"], ["other"]),
            helper.make_node("Add", ["one", "other"], [OUTPUT_NAME]),
        ],
        {"kernel": KERNEL},
    )
    converted = fp16_from_onnx(model, ["one", "other"])
    assert kinds(converted) == [
        "Cast",
        "Conv",
        "Cast",
        "Relu",
        "Tanh",
        "Cast",
        "Cast",
        "Add",
        "Cast",
    ]
    converted = fp16_from_onnx(model, ["both"])
    assert kinds(converted) == ["Conv", "Cast", "Relu", "Tanh", "Add", "Cast"]


def test_a_weight_for_both_types_is_there_twice():
    model = model_of(
        [
            helper.make_node("Mul", [INPUT_NAME, "scale"], ["one"]),
            helper.make_node("Mul", ["one", "scale"], [OUTPUT_NAME]),
        ],
        {"scale": np.array([0.3, 0.4], np.float32).reshape(1, 2, 1, 1)},
    )
    converted = fp16_from_onnx(model, ["one"])
    assert {tensor.name for tensor in converted.graph.initializer} == {"scale", "scale.fp16"}


def test_inputs_that_know_no_fp16_stay(tmp_path):
    """The scales of Resize; onnxconverter-common 1.16 converts them and breaks the model."""
    model = model_of(
        [
            helper.make_node("Conv", [INPUT_NAME, "kernel"], ["small"]),
            helper.make_node("Resize", ["small", "", "scales"], [OUTPUT_NAME], mode="nearest"),
        ],
        {"kernel": KERNEL, "scales": np.array([1, 1, 2, 2], np.float32)},
    )
    converted = fp16_from_onnx(model)
    assert kinds(converted) == ["Cast", "Conv", "Resize", "Cast"]
    assert types_of(converted)["scales"] == TensorProto.FLOAT
    (found,) = ab_on_cpu(converted.SerializeToString(), [RAMP])
    assert found.shape == (1, 2, 16, 16)


def test_shapes_are_read_in_either_type():
    model = model_of(
        [
            helper.make_node("Conv", [INPUT_NAME, "kernel"], ["planes"]),
            helper.make_node("Shape", ["planes"], ["shape"]),
            helper.make_node("Reshape", ["planes", "shape"], [OUTPUT_NAME]),
        ],
        {"kernel": KERNEL},
    )
    converted = fp16_from_onnx(model)
    assert kinds(converted) == ["Cast", "Conv", "Shape", "Reshape", "Cast"]
    assert "planes" not in fp16_nodes(model)[1:]
    assert fp16_nodes(model) == ["planes", OUTPUT_NAME]


def test_nodes_that_fix_a_type_stay():
    model = model_of(
        [
            helper.make_node("Cast", [INPUT_NAME], ["whole"], to=TensorProto.INT64),
            helper.make_node("Cast", ["whole"], ["float"], to=TensorProto.FLOAT),
            helper.make_node(
                "Constant", [], ["half"], value=numpy_helper.from_array(np.float32(0.5))
            ),
            helper.make_node("Mul", ["float", "half"], ["scaled"]),
            helper.make_node("Conv", ["scaled", "kernel"], [OUTPUT_NAME]),
        ],
        {"kernel": KERNEL},
    )
    assert fp16_nodes(model) == ["whole", "scaled", OUTPUT_NAME]
    converted = fp16_from_onnx(model)
    (found,), (expected,) = (ab_on_cpu(m.SerializeToString(), [RAMP]) for m in (converted, model))
    np.testing.assert_allclose(found, expected, atol=0.02)


def test_control_flow_is_refused():
    def branch(name):
        node = helper.make_node("Conv", [INPUT_NAME, "kernel"], [name])
        value = helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 2, "h", "w"])
        return helper.make_graph([node], name, [], [value])

    model = model_of(
        [
            helper.make_node(
                "If", ["yes"], [OUTPUT_NAME], then_branch=branch("a"), else_branch=branch("b")
            )
        ],
        {"kernel": KERNEL, "yes": np.array(True)},
    )
    with pytest.raises(ModelError, match="without control flow, got If; build with --precision"):
        fp16_from_onnx(model)


def test_types_that_contradict_are_refused():
    model = overflowing_model()
    model.graph.initializer[0].CopyFrom(numpy_helper.from_array(np.int64(3), "large"))
    with pytest.raises(ModelError, match="expected a graph of known types"):
        fp16_nodes(model)
