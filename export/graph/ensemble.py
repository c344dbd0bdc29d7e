"""Several models as one, which gives the mean of their colours."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnx_ir
from onnx import compose, helper, numpy_helper
from onnx_ir.passes import Sequential
from onnx_ir.passes.common import (
    CommonSubexpressionEliminationPass,
    DeduplicateHashedInitializersPass,
)

from ...engine.inference.contract import OUTPUT_NAME, ModelContract
from ...engine.inference.working_shape import working_shape
from ...errors import ModelError, UsageError
from ..parity.onnx_on_cpu import ab_on_cpu
from .read_model import read_model
from .write_model import write_model


def ensemble_of_models(sources: Sequence[Path], output: Path, *, name: str) -> ModelContract:
    """Write a model that gives the mean of what several give.

    Models that were trained apart err apart, so their mean is nearer to the truth than each: L. K.
    Hansen and P. Salamon, "Neural network ensembles" (1990). What members compute alike, such as an
    encoder that none of them trained, is computed once. Those of a coarser map are enlarged, linearly,
    to the finest.

    Parameters
    ----------
    sources
        Two or more ONNX files under the contract, of any family; one that is named twice weighs twice.
    output
        Replaced if it exists.
    name
        The model's name in its contract.

    Returns
    -------
    ModelContract
        Of the model: licences and training data of all its members, and working sizes that each takes.

    Raises
    ------
    ModelError, ContractError
        A source is no model, or not under the contract, or two do not go together.
    UnwritableError
        The file cannot be written.
    UsageError
        There are fewer than two, or the name is empty.
    """
    if len(sources) < 2:
        raise UsageError("export: an ensemble needs two models or more")
    if not name.strip():
        raise UsageError("export: name is empty; a model file must state it")
    members, contracts, hashes = zip(*map(read_model, sources), strict=True)
    shared = _common_contract(sources, contracts)
    contract = replace(shared, name=name, weights_sha256=_sha256_of(hashes))
    model = _without_twins(_mean_of(members, _enlargements(sources, members, contract)))
    helper.set_model_props(model, contract.to_metadata())
    write_model(model, output)
    return contract


def _common_contract(sources: Sequence[Path], contracts: Sequence[ModelContract]) -> ModelContract:
    """Contract that holds for all, if they look at pictures of the same size."""
    first = contracts[0]
    for source, contract in zip(sources, contracts, strict=True):
        if _size(contract) != _size(first):
            raise ModelError(
                f"{source}: looks at {_size(contract)} pixels, {sources[0]} at {_size(first)}; expected "
                "models of one working size: export them with the same --working-area"
            )
    shared = replace(
        first,
        license=_joined(contract.license for contract in contracts),
        training_data=_joined(contract.training_data for contract in contracts),
        working_multiple=math.lcm(*(contract.working_multiple for contract in contracts)),
        working_min=max(contract.working_min for contract in contracts),
        working_max=min(contract.working_max for contract in contracts),
    )
    if shared.working_max // shared.working_multiple * shared.working_multiple < shared.working_min:
        raise ModelError(
            f"{', '.join(map(str, sources))}: no side fits all: expected a multiple of "
            f"{shared.working_multiple} from {shared.working_min} to {shared.working_max}"
        )
    return shared


def _size(contract: ModelContract) -> str:
    if contract.working_area:
        return str(contract.working_area)
    return f"{contract.working_height} x {contract.working_width}"


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(texts))


def _sha256_of(hashes: Iterable[str]) -> str:
    return hashlib.sha256(" ".join(hashes).encode()).hexdigest()


def _enlargements(
    sources: Sequence[Path], members: Sequence[onnx.ModelProto], contract: ModelContract
) -> list[int]:
    """Factors by which each member's map must be enlarged to be as fine as the finest."""
    height, width = working_shape(1, 1, contract)
    black = np.zeros((1, 1, height, width), np.float32)
    maps = [ab_on_cpu(member.SerializeToString(), [black])[0].shape[2:] for member in members]
    finest = max(maps)
    for source, (rows, columns) in zip(sources, maps, strict=True):
        if finest[0] % rows or finest[0] // rows * columns != finest[1]:
            raise ModelError(
                f"{source}: gives {rows} x {columns} colours where another gives {finest[0]} x "
                f"{finest[1]}; expected a whole number of times fewer"
            )
    return [finest[0] // rows for rows, _ in maps]


def _mean_of(members: Sequence[onnx.ModelProto], enlargements: Sequence[int]) -> onnx.ModelProto:
    """The members side by side, and the mean behind them."""
    mean = onnx.ModelProto()
    mean.CopyFrom(members[0])
    del mean.graph.node[:], mean.graph.initializer[:], mean.graph.value_info[:]
    opset = _opset_of(mean)
    results = []
    for index, (member, times) in enumerate(zip(members, enlargements, strict=True)):
        if _opset_of(member) != opset:
            raise ModelError("export: models of different operator sets; export them anew")
        prefix = f"member{index}/"
        renamed = compose.add_prefix_graph(member.graph, prefix, rename_inputs=False)
        mean.graph.node.extend(renamed.node)
        mean.graph.initializer.extend(renamed.initializer)
        result = prefix + OUTPUT_NAME
        if times > 1:
            scales = numpy_helper.from_array(
                np.array([1, 1, times, times], np.float32), prefix + "scales"
            )
            mean.graph.initializer.append(scales)
            fine = prefix + "fine"
            mean.graph.node.append(
                helper.make_node(
                    "Resize", [result, "", scales.name], [fine], name=fine, mode="linear"
                )
            )
            result = fine
        results.append(result)
    mean.graph.node.append(helper.make_node("Mean", results, [OUTPUT_NAME], name=OUTPUT_NAME))
    return mean


def _opset_of(model: onnx.ModelProto) -> dict[str, int]:
    return {entry.domain: entry.version for entry in model.opset_import}


def _without_twins(model: onnx.ModelProto) -> onnx.ModelProto:
    """Equal weights once, and nodes that compute the same of the same once."""
    once = Sequential(DeduplicateHashedInitializersPass(), CommonSubexpressionEliminationPass())
    proto: onnx.ModelProto = onnx_ir.to_proto(once(onnx_ir.from_proto(model)).model)
    return proto
