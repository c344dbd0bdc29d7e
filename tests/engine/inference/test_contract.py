from __future__ import annotations

import dataclasses

import pytest

from colorize_batch.engine.inference.contract import METADATA_PREFIX, ModelContract
from colorize_batch.errors import ContractError
from tests.conftest import TINY_CONTRACT


def test_metadata_round_trip():
    assert ModelContract.from_metadata(TINY_CONTRACT.to_metadata(), "x") == TINY_CONTRACT


def test_a_foreign_file_is_told_how_to_export():
    with pytest.raises(ContractError, match="colorize-export onnx"):
        ModelContract.from_metadata({"producer": "somebody"}, "x.onnx")


@pytest.mark.parametrize(
    "field", [field.name for field in dataclasses.fields(ModelContract) if field.name != "hints"]
)
def test_every_entry_is_needed(field):
    metadata = TINY_CONTRACT.to_metadata()
    del metadata[METADATA_PREFIX + field]
    with pytest.raises(ContractError, match=field):
        ModelContract.from_metadata(metadata, "x.onnx")


def test_a_newer_contract_is_refused():
    metadata = TINY_CONTRACT.to_metadata() | {METADATA_PREFIX + "contract": "2"}
    with pytest.raises(ContractError, match="version 2, expected 1"):
        ModelContract.from_metadata(metadata, "x.onnx")


def test_numbers_must_be_numbers():
    metadata = TINY_CONTRACT.to_metadata() | {METADATA_PREFIX + "working_area": "large"}
    with pytest.raises(ContractError, match="working_area must be a whole number"):
        ModelContract.from_metadata(metadata, "x.onnx")


@pytest.mark.parametrize(
    "change",
    [
        {"working_area": 0},
        {"working_height": 64, "working_width": 64},
        {"working_multiple": 0},
        {"working_min": 300},
    ],
)
def test_contradictions_are_refused(change):
    with pytest.raises(ContractError, match="model 'tiny'"):
        dataclasses.replace(TINY_CONTRACT, **change)


def test_hints_are_an_entry_of_models_that_take_them():
    assert METADATA_PREFIX + "hints" not in TINY_CONTRACT.to_metadata()
    hinted = dataclasses.replace(TINY_CONTRACT, hints=1)
    assert ModelContract.from_metadata(hinted.to_metadata(), "a.onnx") == hinted


@pytest.mark.parametrize(
    "sizes",
    [
        {"working_multiple": 1, "working_min": 1, "working_max": 10**6},
        {"working_multiple": 1, "working_max": 2048},
        {"working_height": 200_000, "working_width": 200_000, "working_area": 0},
        {"working_height": 8000, "working_width": 8000, "working_area": 0},
        {"working_area": 1 << 40},
    ],
)
def test_sizes_without_bound_are_refused(sizes):
    metadata = TINY_CONTRACT.to_metadata() | {
        f"colorize_batch.{name}": str(size) for name, size in sizes.items()
    }
    with pytest.raises(ContractError, match="working sizes of at most 8192 pixels a side"):
        ModelContract.from_metadata(metadata, "m.onnx")
