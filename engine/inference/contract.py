"""The contract between a model file and the engine: tensor names and ONNX metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final

from ...errors import ContractError

CONTRACT_VERSION: Final = "1"
INPUT_NAME: Final = "l_plane"
OUTPUT_NAME: Final = "ab_planes"
HINT_AB_NAME: Final = "hint_ab"
HINT_MASK_NAME: Final = "hint_mask"
MAX_SIDE: Final = 8192
MAX_AREA: Final = 1 << 25
MAX_SIDES: Final = 1024
METADATA_PREFIX: Final = "colorize_batch."
HOW_TO_EXPORT: Final = (
    "export it with: colorize-export onnx CHECKPOINT OUT.onnx, or, of a public network: "
    "colorize-export import FILE OUT.onnx"
)

# Entries that files of earlier releases lack, and all others whose value is 0.
_NEWER_FIELDS: Final = frozenset({"hints"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelContract:
    """Facts that the engine must know of a model; `metadata_props` of its ONNX file carry them.

    The graph takes `l_plane` (N, 1, H, W) float32, CIELAB L* in 0..100, and gives `ab_planes`
    (N, 2, h, w) float32, CIELAB a*, b*. A graph that takes hints has two inputs more: `hint_ab`
    (N, 2, H, W) float32, a*, b* where a person gave a colour and 0 elsewhere, and `hint_mask`
    (N, 1, H, W) float32, 1 there and 0 elsewhere. Everything else happens inside the graph.

    Parameters
    ----------
    name, license, training_data
        For people: the model's name, the licence of its weights, what it learned from.
    weights_sha256
        Hex digest of the checkpoint that the graph was exported from.
    working_multiple
        H and W are multiples of this.
    working_min, working_max
        The range of H and of W, pixels.
    working_area
        H x W that the model works best at; the aspect of the picture is kept.
    working_height, working_width
        Both set: the only size that the graph takes, in place of `working_area`; 0 is unset.
    hints
        1 if the graph takes hints.
    """

    name: str
    license: str
    training_data: str
    weights_sha256: str
    working_multiple: int = 32
    working_min: int = 32
    working_max: int = 1024
    working_area: int = 0
    working_height: int = 0
    working_width: int = 0
    hints: int = 0

    def __post_init__(self) -> None:
        if self.working_multiple < 1 or not 1 <= self.working_min <= self.working_max:
            raise ContractError(
                f"model {self.name!r}: working sizes must be positive, working_min at most working_max"
            )
        sides = self.working_max, self.working_height, self.working_width
        too_many = self.working_max // self.working_multiple > MAX_SIDES
        area = max(self.working_area, self.working_height * self.working_width)
        if max(sides) > MAX_SIDE or area > MAX_AREA or too_many:
            raise ContractError(
                f"model {self.name!r}: working sizes of at most {MAX_SIDE} pixels a side, {MAX_AREA} "
                f"in all and {MAX_SIDES} different sides are expected, got sides up to {max(sides)}, "
                f"{area} in all and steps of {self.working_multiple}"
            )
        fixed = self.working_height > 0 and self.working_width > 0
        if fixed == (self.working_area > 0):
            raise ContractError(
                f"model {self.name!r}: expected either working_area or both working_height and "
                "working_width"
            )

    def to_metadata(self) -> dict[str, str]:
        """The `metadata_props` entries, all strings."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        entries = {
            METADATA_PREFIX + name: str(value)
            for name, value in values.items()
            if value or name not in _NEWER_FIELDS
        }
        return {METADATA_PREFIX + "contract": CONTRACT_VERSION, **entries}

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, str], origin: str) -> ModelContract:
        """Read the entries of an ONNX file; `origin` names it in errors.

        Raises
        ------
        ContractError
            The entries are missing, malformed, or of a contract this version does not know.
        """
        version = metadata.get(METADATA_PREFIX + "contract")
        if version is None:
            raise ContractError(
                f"{origin}: no colorize-batch contract in its metadata; {HOW_TO_EXPORT}"
            )
        if version != CONTRACT_VERSION:
            raise ContractError(
                f"{origin}: contract version {version}, expected {CONTRACT_VERSION}; {HOW_TO_EXPORT}"
            )
        values: dict[str, str | int] = {}
        for field in fields(cls):
            text = metadata.get(METADATA_PREFIX + field.name)
            if text is None and field.name in _NEWER_FIELDS:
                continue
            if text is None:
                raise ContractError(
                    f"{origin}: its metadata lacks {METADATA_PREFIX}{field.name}; {HOW_TO_EXPORT}"
                )
            values[field.name] = _whole(text, field.name, origin) if field.type == "int" else text
        return cls(**values)  # type: ignore[arg-type]  # the annotations were checked just above


def _whole(text: str, name: str, origin: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ContractError(
            f"{origin}: {METADATA_PREFIX}{name} must be a whole number, got {text!r}"
        )
    return int(text)
