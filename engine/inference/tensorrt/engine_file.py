"""The `.engine` file: a TensorRT plan with all that is needed to trust it."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO, Final

from ....errors import ContractError, ModelError, UsageError, first_line
from ...atomic_write import write_atomically
from ..contract import ModelContract

ENGINE_SUFFIX: Final = ".engine"
MAGIC: Final = b"CB-ENGIN"
# Raised whenever the layout, or what the exporter puts into a plan, changes.
FORMAT_VERSION: Final = 1
PRECISIONS: Final = ("fp16", "fp32")
FLAVORS: Final = ("tensorrt", "tensorrt-rtx")
IO_DTYPE: Final = "float32"
HOW_TO_REBUILD: Final = "build it again with: colorize-export engine MODEL --output DIR"

# Magic, format version, bytes of the header, SHA-256 of the header; little endian.
_PREAMBLE: Final = struct.Struct("<8sII32s")
_LONGEST_HEADER: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineKey:
    """All that an engine depends on; two engines of one key are interchangeable.

    Parameters
    ----------
    onnx_sha256
        Hex digest of the float32 ONNX file.
    precision
        "fp16" or "fp32", of the computation; inputs and outputs are float32.
    batch_max
        The largest batch; the smallest is 1.
    working_min, working_opt, working_max
        (H, W) in pixels: the smallest, the one it was tuned for, the largest.
    flavor, flavor_version
        "tensorrt" or "tensorrt-rtx", and its version.
    device_name, compute_capability
        Of the GPU that it was built on, as (major, minor); both None if it was built for `targets`.
    targets
        Architectures such as "sm_80" that it was built for without a GPU; empty with a GPU, or
        with None above for all that the flavour takes by default.

    Raises
    ------
    UsageError
        A value is out of its range.
    """

    onnx_sha256: str
    precision: str
    batch_max: int
    working_min: tuple[int, int]
    working_opt: tuple[int, int]
    working_max: tuple[int, int]
    flavor: str
    flavor_version: str
    device_name: str | None
    compute_capability: tuple[int, int] | None
    targets: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _check(self.precision in PRECISIONS, f"precision {self.precision!r}", PRECISIONS)
        _check(self.flavor in FLAVORS, f"flavour {self.flavor!r}", FLAVORS)
        _check(self.batch_max >= 1, f"largest batch {self.batch_max}", ("1 or more",))
        sides = zip(self.working_min, self.working_opt, self.working_max, strict=True)
        _check(
            all(1 <= low <= best <= high for low, best, high in sides),
            f"working shapes {self.working_min}, {self.working_opt}, {self.working_max}",
            ("a positive smallest", "one between", "a largest"),
        )
        _check(
            (self.device_name is None) == (self.compute_capability is None),
            f"device {self.device_name!r} of capability {self.compute_capability}",
            ("both", "neither"),
        )

    def digest(self) -> str:
        """64 hex digits that name the key and the format of the file."""
        text = json.dumps([FORMAT_VERSION, asdict(self)], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineFile:
    """Contents of an `.engine` file.

    Parameters
    ----------
    key
        What the plan depends on.
    contract
        Of the model that it was built from.
    plan
        TensorRT's serialized engine; empty where it was left unread.
    input_dtype, output_dtype
        Of `l_plane` and `ab_planes`.
    float32_layers
        Layers that the parity gate kept in float32 in an FP16 engine, by their first outputs.
    parity
        The gate's verdict: the largest difference from float32 that it found, for people.
    """

    key: EngineKey
    contract: ModelContract
    plan: bytes
    input_dtype: str = IO_DTYPE
    output_dtype: str = IO_DTYPE
    float32_layers: tuple[str, ...] = ()
    parity: str = ""


def write_engine_file(path: Path, engine: EngineFile) -> None:
    """Write it whole or not at all.

    Parameters
    ----------
    path
        Replaced if it exists; its folder is made.
    engine
        With its plan.

    Raises
    ------
    UnwritableError
        The file cannot be written.
    UsageError
        The plan is empty.
    """
    if not engine.plan:
        raise UsageError(f"{path}: expected a plan to write, got none; read the engine with it")
    header = json.dumps(
        {
            "key": asdict(engine.key),
            "contract": engine.contract.to_metadata(),
            "input_dtype": engine.input_dtype,
            "output_dtype": engine.output_dtype,
            "float32_layers": engine.float32_layers,
            "parity": engine.parity,
            "plan_bytes": len(engine.plan),
            "plan_sha256": hashlib.sha256(engine.plan).hexdigest(),
        },
        sort_keys=True,
    ).encode()
    preamble = _PREAMBLE.pack(MAGIC, FORMAT_VERSION, len(header), hashlib.sha256(header).digest())
    write_atomically(path, preamble + header + engine.plan)


def read_engine_file(path: Path, with_plan: bool = True) -> EngineFile:
    """Read what `write_engine_file` wrote.

    Parameters
    ----------
    path
        An `.engine` file.
    with_plan
        Read the plan and check it; otherwise `plan` is empty and only its length is checked.

    Returns
    -------
    EngineFile
        As it was written.

    Raises
    ------
    ModelError
        The file is missing, cut short, damaged, none of ours, or of another version.
    """
    try:
        with path.open("rb") as file:
            header = _read_header(file, path)
            offset, size = file.tell(), path.stat().st_size
            if size - offset != header["plan_bytes"]:
                raise _unusable(
                    path, f"expected {header['plan_bytes']} bytes of plan", size - offset
                )
            plan = file.read() if with_plan else b""
    except OSError as error:
        raise ModelError(f"{path}: cannot read it: {first_line(error)}") from error
    if with_plan and hashlib.sha256(plan).hexdigest() != header["plan_sha256"]:
        raise _unusable(path, "expected the plan that was written", "a damaged one")
    try:
        return EngineFile(
            key=_key(header["key"]),
            contract=ModelContract.from_metadata(header["contract"], str(path)),
            plan=plan,
            input_dtype=header["input_dtype"],
            output_dtype=header["output_dtype"],
            # Files of earlier releases have no verdict.
            float32_layers=tuple(header.get("float32_layers", ())),
            parity=header.get("parity", ""),
        )
    except (ContractError, UsageError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: {error}; {HOW_TO_REBUILD}") from error


def _read_header(file: BinaryIO, path: Path) -> dict[str, Any]:
    """The JSON header; the file then stands at the plan."""
    preamble = file.read(_PREAMBLE.size)
    if preamble[: len(MAGIC)] != MAGIC:
        raise _unusable(path, "expected an engine of colorize-batch", "another file")
    if len(preamble) != _PREAMBLE.size:
        raise _unusable(path, "expected a whole file", f"{len(preamble)} bytes")
    _, version, length, digest = _PREAMBLE.unpack(preamble)
    if version != FORMAT_VERSION:
        raise _unusable(path, f"expected format {FORMAT_VERSION}", f"format {version}")
    header_bytes = file.read(min(length, _LONGEST_HEADER))
    if hashlib.sha256(header_bytes).digest() != digest:
        raise _unusable(path, "expected the header that was written", "a damaged one")
    header: dict[str, Any] = json.loads(header_bytes)
    return header


def _key(entries: Mapping[str, Any]) -> EngineKey:
    """Undo JSON, which has no tuples."""
    values: dict[str, Any] = {field.name: entries[field.name] for field in fields(EngineKey)}
    for name, value in values.items():
        if isinstance(value, list):
            values[name] = tuple(value)
    return EngineKey(**values)


def _unusable(path: Path, expected: str, got: object) -> ModelError:
    return ModelError(f"{path}: {expected}, got {got}; {HOW_TO_REBUILD}")


def _check(condition: bool, what: str, expected: tuple[str, ...]) -> None:
    if not condition:
        raise UsageError(f"engine: {what}: expected {', '.join(expected)}")
