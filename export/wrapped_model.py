"""Any colorizer's network, put under the contract."""

from __future__ import annotations

import hashlib
import io
import tempfile
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import onnx
from onnx import TensorProto, compose, helper, version_converter

from ..engine.inference.contract import INPUT_NAME, OUTPUT_NAME, ModelContract
from ..engine.inference.onnx_runtime import OnnxRuntimeBackend
from ..errors import ModelError, UsageError, first_line, require
from .graph.lab_nodes import NodeWriter, ab_of_rgb, gray_of_l
from .graph.write_model import checked_bytes, write_model

InputKind = Literal["l", "gray", "rgb-gray"]
OutputKind = Literal["ab", "lab", "rgb"]
_OLDEST_OPSET = 13
_CHANNELS = {"l": 1, "gray": 1, "rgb-gray": 3, "ab": 2, "lab": 3, "rgb": 3}


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapOptions:
    """What a foreign network takes and gives, and what the contract says of it.

    Parameters
    ----------
    name, license, training_data
        For people: see `ModelContract`.
    takes
        "l" is CIELAB L*; "gray" the sRGB gray value; "rgb-gray" that value three times.
    black, white
        What the network takes for black and for white: 0 and 1 mostly, -1 and 1, or 0 and 100 of L*.
    mean, std
        Of each channel, subtracted and divided by after that; empty for none.
    gives
        "ab" is a*, b*; "lab" those behind a lightness that is not used; "rgb" sRGB.
    scale, offset
        Output times scale plus offset is a*, b* in CIELAB's units; or sRGB from 0 to 1.
    multiple
        H and W must be multiples of this, where the network takes any.
    size
        Side of the square whose area the network works best at, where it takes any.

    Raises
    ------
    UsageError
        A value is out of its range, or a word for people is empty.
    """

    name: str
    license: str
    training_data: str
    takes: InputKind
    gives: OutputKind
    black: float = 0.0
    white: float = 1.0
    mean: Sequence[float] = ()
    std: Sequence[float] = ()
    scale: float = 1.0
    offset: float = 0.0
    multiple: int = 32
    size: int = 256

    def __post_init__(self) -> None:
        for field in ("name", "license", "training_data"):
            require(bool(getattr(self, field).strip()), f"{field} is empty; a model file states it")
        for field, known in (("takes", InputKind), ("gives", OutputKind)):
            words = get_args(known)
            require(getattr(self, field) in words, f"{field}: expected {' or '.join(words)}")
        require(self.black != self.white, "range: black and white are the same")
        require(self.scale != 0, "scale: 0 leaves every picture gray")
        for field in ("mean", "std"):
            expected = (0, _CHANNELS[self.takes])
            require(
                len(getattr(self, field)) in expected, f"{field}: expected {expected[1]} values"
            )
        require(0 not in self.std, "std: expected no 0")
        require(1 <= self.multiple <= self.size, "multiple: expected 1 up to the size")


def wrap_file(source: Path, output: Path, options: WrapOptions) -> ModelContract:
    """Put an ONNX file, or a TorchScript or torch.export file, under the contract.

    Parameters
    ----------
    source
        .onnx; .pt of `torch.jit.save`; .pt2 of `torch.export.save`. One input (N, C, H, W), and one
        output that counts: the first.
    output
        Replaced if it exists, once the file has passed: it is loaded as the engine does, and colours two
        pictures at one time.

    Raises
    ------
    ModelError
        The file cannot be read, or is no network of such an input and output.
    UsageError
        The network's channels are not those that the options say.
    UnwritableError
        The file cannot be written.
    """
    suffix = source.suffix.lower()
    if suffix not in (".onnx", ".pt", ".pt2", ".pth"):
        raise UsageError(
            f"{source}: expected a .onnx, .pt (TorchScript) or .pt2 (torch.export) file"
        )
    try:
        source_bytes = source.read_bytes()
    except OSError as error:
        raise ModelError(f"{source}: cannot read it: {first_line(error)}") from error
    if suffix == ".onnx":
        model = _onnx_of(source_bytes, str(source))
    else:
        model = _traced(_torch_module(source), options)
    return _write(model, output, options, hashlib.sha256(source_bytes).hexdigest())


def wrap_network(network: Any, output: Path, options: WrapOptions) -> ModelContract:
    """Put a `torch.nn.Module` under the contract; as `wrap_file`."""
    digest = hashlib.sha256()
    for name, value in sorted(network.state_dict().items()):
        digest.update(name.encode() + value.detach().cpu().contiguous().numpy().tobytes())
    return _write(_traced(network, options), output, options, digest.hexdigest())


def _write(
    model: onnx.ModelProto, output: Path, options: WrapOptions, sha256: str
) -> ModelContract:
    model = compose.add_prefix(model, "network/")  # so that no name is taken twice
    contract = _add_ends(model, options, sha256)
    del model.metadata_props[:]
    helper.set_model_props(model, contract.to_metadata())
    try:
        onnx_bytes = checked_bytes(model)
    except Exception as error:  # the checker's and shape inference's, of whatever kind
        raise ModelError(f"{options.name}: not a valid network: {first_line(error)}") from error
    _check_runs(onnx_bytes, contract)
    write_model(model, output)
    return contract


def _onnx_of(onnx_bytes: bytes, origin: str) -> onnx.ModelProto:
    try:
        model = onnx.load_from_string(onnx_bytes)
        opset = next(each.version for each in model.opset_import if each.domain in ("", "ai.onnx"))
        if opset < _OLDEST_OPSET:
            model = version_converter.convert_version(model, _OLDEST_OPSET)
    except Exception as error:  # protobuf's exceptions depend on its implementation
        raise ModelError(f"{origin}: not a readable ONNX model: {first_line(error)}") from error
    return model


def _torch_module(source: Path) -> Any:
    import torch  # noqa: PLC0415  # an ONNX file needs none

    try:
        if source.suffix.lower() == ".pt2":
            return torch.export.load(source).module()
        return torch.jit.load(source, map_location="cpu").eval()  # type: ignore[no-untyped-call]
    except Exception as error:  # of the many kinds that PyTorch raises
        raise ModelError(
            f"{source}: not a TorchScript or torch.export file ({first_line(error)}); a file of weights "
            "alone has no network: build it in Python, and use wrap_network"
        ) from error


def _traced(network: Any, options: WrapOptions) -> onnx.ModelProto:
    import torch  # noqa: PLC0415
    from torch import nn  # noqa: PLC0415

    from .traced_graph import traced_graph  # noqa: PLC0415

    if isinstance(network, torch.jit.ScriptModule):
        return _of_torchscript(network, options)

    class First(nn.Module):
        """The network's first output."""

        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, picture: torch.Tensor) -> Any:
            result = self.network(picture)
            return result[0] if isinstance(result, (tuple, list)) else result

    module = First()
    if not isinstance(network, torch.fx.GraphModule):
        module.eval()
    try:
        return traced_graph(
            module, multiple=options.multiple, inputs={"picture": _CHANNELS[options.takes]}
        )
    except Exception as error:
        raise ModelError(
            f"{options.name}: PyTorch cannot trace it for pictures of any size in multiples of "
            f"{options.multiple}: {first_line(error)}"
        ) from error


def _of_torchscript(network: Any, options: WrapOptions) -> onnx.ModelProto:
    """By PyTorch's older exporter, the one that takes TorchScript."""
    import torch  # noqa: PLC0415

    example = torch.zeros(2, _CHANNELS[options.takes], 4 * options.multiple, 6 * options.multiple)
    buffer = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it is the older one
            torch.onnx.export(
                network,
                (example,),
                buffer,  # type: ignore[arg-type]  # the older exporter takes files too
                dynamo=False,
                opset_version=17,
                input_names=["picture"],
                output_names=["colors"],
                dynamic_axes={"picture": {0: "batch", 2: "height", 3: "width"}},
            )
    except Exception as error:
        raise ModelError(
            f"{options.name}: PyTorch cannot export this TorchScript: {first_line(error)}"
        ) from error
    return onnx.load_from_string(buffer.getvalue())


def _add_ends(model: onnx.ModelProto, options: WrapOptions, sha256: str) -> ModelContract:
    """Nodes from L* to what the network takes, and from what it gives to a*, b*."""
    graph = model.graph
    weights = {weight.name for weight in graph.initializer}
    inputs = [value for value in graph.input if value.name not in weights]
    if len(inputs) != 1 or not graph.output:
        raise ModelError(
            f"{options.name}: expected one input, found {', '.join(v.name for v in inputs) or 'none'}"
        )
    (taken,), given = inputs, graph.output[0].name
    dims = [dim.dim_value for dim in taken.type.tensor_type.shape.dim]
    channels = _CHANNELS[options.takes]
    if len(dims) != 4 or dims[1] not in (0, channels):
        raise UsageError(
            f"{options.name}: its input is {dims}; {options.takes} means (N, {channels}, H, W)"
        )
    found = [dim.dim_value for dim in graph.output[0].type.tensor_type.shape.dim]
    expected = _CHANNELS[options.gives]
    if len(found) == 4 and found[1] not in (0, expected):
        raise UsageError(
            f"{options.name}: its output is {found}; {options.gives} means (N, {expected}, h, w)"
        )
    is_half = taken.type.tensor_type.elem_type == TensorProto.FLOAT16
    head = NodeWriter("before/")
    value = INPUT_NAME if options.takes == "l" else gray_of_l(head, INPUT_NAME)
    full = 100.0 if options.takes == "l" else 1.0
    value = head.affine(value, (options.white - options.black) / full, options.black)
    if channels == 3:
        value = head.node("Concat", [value] * 3, axis=1)
    if options.mean:
        value = head.node("Sub", [value, head.per_channel(options.mean)])
    if options.std:
        value = head.node("Div", [value, head.per_channel(options.std)])
    head.node("Cast", [value], output=taken.name, to=taken.type.tensor_type.elem_type)

    tail = NodeWriter("after/")
    value = tail.node("Cast", [given], to=TensorProto.FLOAT) if is_half else given
    if options.gives == "lab":
        value = tail.node("Slice", [value, *(tail.integers([n]) for n in (1, 3, 1))])
    value = tail.affine(value, options.scale, options.offset)
    if options.gives == "rgb":
        value = ab_of_rgb(tail, value)
    tail.node("Identity", [value], output=OUTPUT_NAME)

    nodes = [*head.nodes, *graph.node, *tail.nodes]
    del graph.node[:], graph.input[:], graph.output[:]
    graph.node.extend(nodes)
    graph.initializer.extend([*head.weights, *tail.weights])
    height, width = dims[2:]
    size = [height or "height", width or "width"]
    graph.input.append(
        helper.make_tensor_value_info(INPUT_NAME, TensorProto.FLOAT, ["batch", 1, *size])
    )
    graph.output.append(
        helper.make_tensor_value_info(OUTPUT_NAME, TensorProto.FLOAT, ["batch", 2, "h", "w"])
    )
    del graph.value_info[:]  # stated for the graph as it was
    fixed = bool(height and width)
    return ModelContract(
        name=options.name,
        license=options.license,
        training_data=options.training_data,
        weights_sha256=sha256,
        working_multiple=1 if fixed else options.multiple,
        working_min=min(height, width) if fixed else options.multiple,
        working_max=max(height, width) if fixed else 4 * options.size,
        working_area=0 if fixed else options.size**2,
        working_height=height if fixed else 0,
        working_width=width if fixed else 0,
    )


def _check_runs(onnx_bytes: bytes, contract: ModelContract) -> None:
    """Colour two pictures at one time, as the engine does."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "wrapped.onnx"
        path.write_bytes(onnx_bytes)
        backend = OnnxRuntimeBackend(path, kind="cpu", ordinal=0, threads=1)
        try:
            height = contract.working_height or 2 * contract.working_multiple
            width = contract.working_width or 3 * contract.working_multiple
            ramp = np.linspace(0, 100, 2 * height * width, dtype=np.float32)
            ab_batch = backend.infer(ramp.reshape(2, 1, height, width))
        finally:
            backend.close()
    if ab_batch.shape[:2] != (2, 2) or not np.isfinite(ab_batch).all():
        raise ModelError(
            f"{contract.name}: expected a*, b* of two pictures, got {ab_batch.shape}, or no numbers"
        )
    if float(np.abs(ab_batch).max()) > 200:
        raise ModelError(
            f"{contract.name}: colours of up to {np.abs(ab_batch).max():.0f}; CIELAB's a*, b* stay within "
            "128 in sRGB: check what it gives, scale and offset"
        )
