from __future__ import annotations

import random

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from colorize_batch.engine.inference import model_policy
from colorize_batch.engine.inference.model_files import model_file, shipped_models
from colorize_batch.engine.inference.model_policy import check_model_file
from colorize_batch.engine.inference.onnx_runtime import OnnxRuntimeBackend
from colorize_batch.errors import ModelError


def save(path, nodes, initializers=(), **more):
    """A model of these nodes, from x to y."""
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n"])],
        list(initializers),
    )
    path.write_bytes(helper.make_model(graph, **more).SerializeToString())
    return path


def external(name="far"):
    tensor = numpy_helper.from_array(np.ones(4, np.float32), name)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="weights.bin")
    return tensor


def identity(x="x", y="y", domain=""):
    return helper.make_node("Identity", [x], [y], domain=domain)


def nested(inner, depth):
    for _ in range(depth):
        graph = helper.make_graph([inner], "inner", [], [])
        inner = helper.make_node("If", ["x"], ["y"], then_branch=graph, else_branch=graph)
    return inner


def test_what_ships_and_what_the_tests_use_passes(tiny_model, tmp_path):

    for name in shipped_models():
        check_model_file(model_file(name))
    check_model_file(tiny_model)
    check_model_file(save(tmp_path / "m.onnx", [identity()]))


@pytest.mark.parametrize(
    "build",
    [
        lambda path: save(path, [identity()], [external()]),
        lambda path: save(path, [helper.make_node("Constant", [], ["y"], value=external())]),
        lambda path: save(
            path, [nested(helper.make_node("Constant", [], ["y"], value=external()), 3)]
        ),
    ],
)
def test_weights_in_other_files_are_refused(tmp_path, build):
    (tmp_path / "weights.bin").write_bytes(np.ones(4, np.float32).tobytes())
    with pytest.raises(ModelError, match="weights in other files; export it as one file"):
        check_model_file(build(tmp_path / "m.onnx"))
    with pytest.raises(ModelError, match="weights in other files"):
        OnnxRuntimeBackend(tmp_path / "m.onnx")


def test_operators_of_another_domain_are_refused(tmp_path):
    for node in (identity(domain="evil.ops"), nested(identity(domain="evil.ops"), 2)):
        with pytest.raises(ModelError, match=r"operator Identity of the domain 'evil\.ops'"):
            check_model_file(save(tmp_path / "m.onnx", [node]))
    function = helper.make_function(
        "com.microsoft", "F", ["x"], ["y"], [identity(domain="evil.ops")],
        [helper.make_opsetid("", 20)],
    )  # fmt: skip
    with pytest.raises(ModelError, match=r"evil\.ops"):
        check_model_file(save(tmp_path / "m.onnx", [identity()], functions=[function]))


def test_bounds(tmp_path, monkeypatch):
    huge = TensorProto(name="huge", data_type=TensorProto.FLOAT, dims=[1 << 20, 1 << 20])
    with pytest.raises(ModelError, match=r"a tensor of \[1048576, 1048576\] elements"):
        check_model_file(save(tmp_path / "m.onnx", [identity()], [huge]))
    with pytest.raises(ModelError, match="graphs within graphs, over 16 deep"):
        check_model_file(save(tmp_path / "m.onnx", [nested(identity(), 17)]))
    monkeypatch.setattr(model_policy, "MAX_NODES", 3)
    with pytest.raises(ModelError, match="over 3 nodes"):
        check_model_file(save(tmp_path / "m.onnx", [identity()] * 4))
    monkeypatch.setattr(model_policy, "MAX_TENSORS", 1)
    tensors = [numpy_helper.from_array(np.ones(1, np.float32), name) for name in "ab"]
    with pytest.raises(ModelError, match="over 1 tensors"):
        check_model_file(save(tmp_path / "m.onnx", [identity()], tensors))


@pytest.mark.parametrize("text", [b"", b"no model", b"\x3a\xff\xff\xff\xff\x0f", b"\xff" * 30])
def test_what_is_no_model_is_refused(tmp_path, text):
    (tmp_path / "m.onnx").write_bytes(text)
    with pytest.raises(ModelError, match="not a usable ONNX model"):
        check_model_file(tmp_path / "m.onnx")


def test_damaged_models_give_a_model_error_or_pass(tiny_model, tmp_path):
    chance = random.Random(7)
    whole = tiny_model.read_bytes()
    path = tmp_path / "m.onnx"
    refused = 0
    for _ in range(400):
        damaged = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            damaged[chance.randrange(len(whole))] = chance.randrange(256)
        path.write_bytes(damaged)
        try:
            check_model_file(path)
        except ModelError:
            refused += 1
    assert 0 < refused < 400


def test_it_agrees_with_onnx_on_the_number_of_nodes(tmp_path, monkeypatch):
    path = save(tmp_path / "m.onnx", [nested(identity(), 2), identity()])
    count = 0
    node = model_policy._Check._node

    def counted(self, message, depth):
        nonlocal count
        count += 1
        node(self, message, depth)

    monkeypatch.setattr(model_policy._Check, "_node", counted)
    check_model_file(path)
    assert count == 1 + 2 + 4 + 1
    assert len(onnx.load(path).graph.node) == 2
