"""Several models become one that gives the mean of their colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from colorize_batch.engine.inference.contract import INPUT_NAME, OUTPUT_NAME, ModelContract
from colorize_batch.engine.inference.open_backend import open_backend
from colorize_batch.errors import ContractError, ModelError, UsageError
from colorize_batch.export.graph.ensemble import ensemble_of_models
from tests.conftest import TINY_CONTRACT, write_tiny_model
from tests.export.graph.graphs import linear_model, model_of

L_BATCH = np.linspace(0, 100, 2 * 32 * 48, dtype=np.float32).reshape(2, 1, 32, 48)


@pytest.fixture
def save(tmp_path: Path) -> Callable[[str, onnx.ModelProto], Path]:
    def saved(name: str, model: onnx.ModelProto) -> Path:
        path = tmp_path / f"{name}.onnx"
        onnx.save(model, path)
        return path

    return saved


def deep_model(last: float) -> onnx.ModelProto:
    """Three convolutions, of which only the last depends on `last`."""
    ones = np.ones((2, 2, 1, 1), np.float32)
    return model_of(
        [
            helper.make_node("Conv", [INPUT_NAME, "stem"], ["a"]),
            helper.make_node("Conv", ["a", "middle"], ["b"]),
            helper.make_node("Conv", ["b", "head"], [OUTPUT_NAME]),
        ],
        {"stem": ones[:, :1], "middle": ones, "head": last * ones},
    )


def relicensed(contract: ModelContract, model: onnx.ModelProto) -> onnx.ModelProto:
    del model.metadata_props[:]
    helper.set_model_props(model, contract.to_metadata())
    return model


def test_it_gives_the_mean(save: Callable[..., Path], tmp_path: Path) -> None:
    first = save("first", linear_model((1, -0.5), (3, 4)))
    second = save("second", linear_model((0.2, 0.1), (-5, 0)))
    output = tmp_path / "new" / "both.onnx"
    ensemble_of_models([first, second], output, name="both")
    expected = (open_backend(first).infer(L_BATCH) + open_backend(second).infer(L_BATCH)) / 2
    np.testing.assert_allclose(open_backend(output).infer(L_BATCH), expected, atol=1e-4)


def test_one_that_is_named_twice_weighs_twice(save: Callable[..., Path], tmp_path: Path) -> None:
    first, second = save("first", linear_model((1, 0), (0, 0))), save("second", deep_model(0))
    ensemble_of_models([first, second, first], tmp_path / "out.onnx", name="out")
    expected = open_backend(first).infer(L_BATCH) * 2 / 3
    np.testing.assert_allclose(
        open_backend(tmp_path / "out.onnx").infer(L_BATCH), expected, atol=1e-4
    )
    kinds = [node.op_type for node in onnx.load(tmp_path / "out.onnx").graph.node]
    assert kinds.count("Conv") == 4


def test_what_members_share_is_computed_once(save: Callable[..., Path], tmp_path: Path) -> None:
    paths = [save(str(last), deep_model(last)) for last in (0.1, 0.4)]
    ensemble_of_models(paths, tmp_path / "out.onnx", name="out")
    model = onnx.load(tmp_path / "out.onnx")
    assert [node.op_type for node in model.graph.node].count("Conv") == 4
    assert len(model.graph.initializer) == 4
    expected = np.repeat(L_BATCH * 2 * 0.25 * 2, 2, axis=1)
    found = open_backend(tmp_path / "out.onnx").infer(L_BATCH)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_coarser_colours_are_enlarged(save: Callable[..., Path], tmp_path: Path) -> None:
    fine = save("fine", linear_model((0, 0), (0, 0)))
    coarse = write_tiny_model(tmp_path / "coarse.onnx")
    ensemble_of_models([coarse, fine], tmp_path / "out.onnx", name="out")
    found = open_backend(tmp_path / "out.onnx").infer(L_BATCH)
    assert found.shape == (2, 2, 32, 48)
    np.testing.assert_allclose(found[:, 0], 10.0, atol=1e-4)
    # Brightness rises along a row by the same step everywhere, which linear enlargement keeps.
    expected = (0.4 * L_BATCH[:, 0] - 20) / 2
    np.testing.assert_allclose(
        found[:, 1, 4:-4, 4:-4].mean(axis=1), expected[:, 4:-4, 4:-4].mean(axis=1), atol=0.01
    )


def test_the_contract_speaks_of_all_members(save: Callable[..., Path], tmp_path: Path) -> None:
    other = replace(
        TINY_CONTRACT,
        license="CC0",
        working_multiple=24,
        working_min=48,
        working_max=192,
        weights_sha256="1" * 64,
    )
    first = save("first", linear_model((1, 0), (0, 0)))
    second = save("second", relicensed(other, linear_model((1, 0), (0, 0))))
    contract = ensemble_of_models([first, second], tmp_path / "out.onnx", name="out")
    assert open_backend(tmp_path / "out.onnx").contract == contract
    assert contract.weights_sha256 not in (TINY_CONTRACT.weights_sha256, other.weights_sha256)
    assert contract == replace(
        TINY_CONTRACT,
        name="out",
        license="Apache-2.0; CC0",
        working_multiple=48,
        working_min=48,
        working_max=192,
        weights_sha256=contract.weights_sha256,
    )


def test_models_that_do_not_go_together_are_refused(
    save: Callable[..., Path], tmp_path: Path
) -> None:
    first = save("first", linear_model((1, 0), (0, 0)))

    def refused(other: onnx.ModelProto, message: str) -> None:
        with pytest.raises(ModelError, match=message):
            ensemble_of_models([first, save("other", other)], tmp_path / "out.onnx", name="out")
        assert not (tmp_path / "out.onnx").exists()

    area = replace(TINY_CONTRACT, working_area=96 * 96)
    refused(
        relicensed(area, linear_model((1, 0), (0, 0))),
        r"other\.onnx: looks at 9216 pixels, .*first\.onnx at 4096; expected models of one working size",
    )
    multiple = replace(TINY_CONTRACT, working_multiple=17)
    refused(
        relicensed(multiple, linear_model((1, 0), (0, 0))),
        "no side fits all: expected a multiple of 272 from 16 to 256",
    )
    shrinking = [
        helper.make_node("AveragePool", [INPUT_NAME], ["less"], kernel_shape=[2, 1]),
        helper.make_node("Concat", ["less", "less"], [OUTPUT_NAME], axis=1),
    ]
    refused(model_of(shrinking), "63 x 64 colours where another gives 64 x 64")


def test_wrong_input_is_refused(save: Callable[..., Path], tmp_path: Path) -> None:
    first, output = save("first", linear_model((1, 0), (0, 0))), tmp_path / "out.onnx"
    with pytest.raises(UsageError, match="two models or more"):
        ensemble_of_models([first], output, name="out")
    with pytest.raises(UsageError, match="name is empty"):
        ensemble_of_models([first, first], output, name=" ")
    bare = linear_model((1, 0), (0, 0))
    del bare.metadata_props[:]
    with pytest.raises(ContractError, match=r"bare\.onnx: no colorize-batch contract"):
        ensemble_of_models([first, save("bare", bare)], output, name="out")
    newer = linear_model((1, 0), (0, 0))
    newer.opset_import[0].version = 21
    with pytest.raises(ModelError, match="different operator sets"):
        ensemble_of_models([first, save("newer", newer)], output, name="out")
