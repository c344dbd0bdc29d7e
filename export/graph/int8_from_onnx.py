"""A model in 8 bit for CPUs: static quantisation, calibrated on photographs."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from ...engine.atomic_write import write_atomically
from ...engine.inference.contract import INPUT_NAME
from ...errors import ModelError, UsageError
from ..parity.onnx_on_cpu import ab_on_cpu
from .chroma_curve import add_chroma_curve, pop_chroma_curve
from .guided_smoothing import add_guided_smoothing, pop_guided_smoothing
from .read_model import read_model
from .space_to_depth_heads import fold_heads, last_convolutions
from .upsample_after_conv import fold_doublings
from .write_model import checked_bytes

# A step of the output: fine beside what the network errs by, and reaching to +-102.
AB_STEP: Final = 0.8
AB_ZERO: Final = 128
# What the runtime has 8-bit kernels for, or merely moves.
QUANTIZED: Final = ("Conv", "Relu", "Clip", "Concat", "Add", "Transpose", "Reshape", "Slice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Int8Options:
    """Options of quantisation.

    Parameters
    ----------
    name
        The model's name in its contract.
    float_layers
        The first so many convolutions stay in float32. They see few channels, so they cost little,
        and what they lose nothing behind them can repair.
    max_rms_ab
        The largest root of the mean squared difference that passes, in ab units of colours that 8
        bit can hold.
    """

    name: str
    float_layers: int = 2
    max_rms_ab: float = 1.5

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise UsageError("export: name is empty; a model file must state it")
        if self.float_layers < 0:
            raise UsageError("export: float_layers must not be negative")


def int8_from_onnx(
    source: Path,
    output: Path,
    options: Int8Options,
    *,
    calibration: Sequence[NDArray[np.float32]],
    held_out: Sequence[NDArray[np.float32]],
) -> float:
    """Quantise a model to 8 bit and keep it if it still gives nearly the same colours.

    Weights are quantised by output channel, symmetrically; activations by tensor, to the range that
    they take on `calibration` (Jacob et al., 2018, "Quantization and Training of Neural Networks for
    Efficient Integer-Arithmetic-Only Inference"). Before that the decoder is rewritten by
    `fold_doublings` and `fold_heads`, which changes no result.

    Parameters
    ----------
    source
        An ONNX file under the contract, in float32.
    output
        Replaced if it exists.
    options
        See there.
    calibration, held_out
        (N, 1, H, W) L* 0..100 of photographs, at working shapes: some to measure ranges on, others
        to measure the difference on.

    Returns
    -------
    float
        The root of the mean squared difference on `held_out`, ab units.

    Raises
    ------
    ModelError, ContractError
        The source is no model, is not under the contract, or the difference is too large.
    UnwritableError
        The file cannot be written.
    UsageError
        No photographs.
    """
    if not calibration or not held_out:
        raise UsageError("export: 8 bit needs photographs to calibrate on, and others to check on")
    source_model, contract, _ = read_model(source)
    with tempfile.TemporaryDirectory() as folder, _quiet_quantizer():
        plain, quantized = Path(folder, "plain.onnx"), Path(folder, "quantized.onnx")
        network = onnx.ModelProto()
        network.CopyFrom(source_model)
        curve, smoothing = pop_chroma_curve(network), pop_guided_smoothing(network)
        onnx.save(network, plain)
        quant_pre_process(str(plain), str(plain), skip_symbolic_shape=True)
        model = onnx.load(plain)
        fold_doublings(model)
        fold_heads(model)
        for node in model.graph.node:
            node.name = node.name or node.output[0]  # the quantiser goes by names
        onnx.save(model, plain)
        quantize_static(
            str(plain),
            str(quantized),
            _Readings(calibration),
            quant_format=QuantFormat.QDQ,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            per_channel=True,
            op_types_to_quantize=list(QUANTIZED),
            nodes_to_exclude=_first_nodes(model.graph, options.float_layers),
            extra_options={"TensorQuantOverrides": _output_range(model.graph)},
        )
        model = onnx.load(quantized)
    if smoothing is not None:
        add_guided_smoothing(model, smoothing)
    if curve is not None:
        add_chroma_curve(model, curve)
    for described in (model, model.graph, *model.graph.node):
        described.ClearField("metadata_props")
    del model.metadata_props[:]
    helper.set_model_props(model, replace(contract, name=options.name).to_metadata())
    onnx_bytes = checked_bytes(model)
    rms_ab = _rms_difference(source_model.SerializeToString(), onnx_bytes, held_out)
    if not rms_ab <= options.max_rms_ab:
        raise ModelError(
            f"export: 8 bit changes the colours by {rms_ab:.2f} ab units (rms), expected at most "
            f"{options.max_rms_ab}; keep more of the first layers in float, or calibrate on more "
            "photographs"
        )
    write_atomically(output, onnx_bytes)
    return rms_ab


class _Readings(CalibrationDataReader):  # type: ignore[misc]  # untyped
    """The calibration's pictures, one after the other."""

    def __init__(self, l_batches: Sequence[NDArray[np.float32]]) -> None:
        self._left = iter(l_batches)

    def get_next(self) -> dict[str, NDArray[np.float32]]:
        l_batch = next(self._left, None)
        return {} if l_batch is None else {INPUT_NAME: l_batch}


def _first_nodes(graph: onnx.GraphProto, layers: int) -> list[str]:
    """Names of the nodes up to, not including, the first convolution that is quantised."""
    names: list[str] = []
    for node in graph.node:
        layers -= node.op_type == "Conv"
        if layers < 0:
            break
        names.append(node.name)
    return names


def _output_range(graph: onnx.GraphProto) -> dict[str, list[dict[str, Any]]]:
    """A fixed range for the last convolutions: colours rarer than the calibration's stay whole."""
    step = {"scale": np.array(AB_STEP, np.float32), "zero_point": np.array(AB_ZERO, np.uint8)}
    return {node.output[0]: [step] for node in last_convolutions(graph)}


def _rms_difference(
    expected: bytes, found: bytes, l_batches: Sequence[NDArray[np.float32]]
) -> float:
    # What 8 bit cannot hold, no screen shows either; a network may go far beyond on single pixels.
    shown = (
        np.clip(batch, -AB_STEP * AB_ZERO, AB_STEP * (255 - AB_ZERO))
        for batch in ab_on_cpu(expected, l_batches)
    )
    pairs = zip(shown, ab_on_cpu(found, l_batches), strict=True)
    return float(np.sqrt(np.mean([np.mean(np.square(first - second)) for first, second in pairs])))


@contextmanager
def _quiet_quantizer() -> Iterator[None]:
    """Silence the quantizer's advice, which it gives to the root logger; errors come through."""

    def is_for_us(record: logging.LogRecord) -> bool:
        return record.levelno > logging.WARNING or "onnxruntime" not in record.pathname

    root = logging.getLogger()
    root.addFilter(is_for_us)
    try:
        yield
    finally:
        root.removeFilter(is_for_us)
