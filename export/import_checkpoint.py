"""A public network's weights -> ONNX under the contract."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from onnx import helper

from ..engine.atomic_write import write_atomically
from ..engine.inference.contract import (
    HINT_AB_NAME,
    HINT_MASK_NAME,
    INPUT_NAME,
    METADATA_PREFIX,
    ModelContract,
)
from ..errors import UsageError
from ..training.public.families import PublicFamily
from ..training.public.normed_conv import fold_weights
from ..training.public.position_code import MAX_SIDE
from ..training.public.public_weights import PublicWeights, read_public_weights
from .graph.write_model import checked_bytes
from .parity.parity import check_parity, parity_shapes
from .traced_graph import LIGHTNESS_ONLY, traced_graph

# Root of the area of the pictures that PyTorch and ONNX Runtime are compared on: the largest of these
# networks takes a minute for one picture at its working size.
PARITY_SIDE: Final = 96
# DeOldify's two sets of weights for one network, which keys do not tell apart, and the side of the square
# that it looks at with each: render factors of 35 and 21 times 16.
OWN_SIDES: Final = {"stable": 560, "video": 336}
# DDColor's code of positions reaches so far; DeOldify's attention would need terabytes long before.
LONGEST_SIDE: Final = 4 * MAX_SIDE
_VARIANT_FAMILY: Final = "deoldify-wide"
_HINTED: Final = {INPUT_NAME: 1, HINT_AB_NAME: 2, HINT_MASK_NAME: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What a file of weights cannot tell.

    Parameters
    ----------
    name
        The model's name; "" is that of the published file, or of the family.
    license
        Of weights that are not a published file; "" is that of the family's published ones.
    variant
        "stable" or "video" for DeOldify's weights of unknown digest; else "".
    size
        Side of the square of as many pixels as the model is to look at; 0 is as its own pipeline.
    square
        Squeeze every picture into that square, as these networks' own pipelines do; else its aspect
        is kept.
    """

    name: str = ""
    license: str = ""
    variant: str = ""
    size: int = 0
    square: bool = False

    def __post_init__(self) -> None:
        if self.variant not in ("", *OWN_SIDES):
            raise UsageError(f"--variant {self.variant}: expected {' or '.join(OWN_SIDES)}")
        if not 0 <= self.size <= LONGEST_SIDE:
            raise UsageError(f"--size {self.size}: expected 1..{LONGEST_SIDE} pixels")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What was imported.

    Parameters
    ----------
    family
        Of the network.
    published
        Name of the published file that it is; "" if its digest is not known.
    contract
        Of the model.
    error_ab
        The largest difference between PyTorch and ONNX Runtime, ab units.
    onnx_bytes
        Of the file.
    """

    family: PublicFamily
    published: str
    contract: ModelContract
    error_ab: float
    onnx_bytes: int


def import_checkpoint(path: Path, onnx_path: Path, options: ImportOptions) -> ImportReport:
    """Turn a public network's file of weights into a model file; no code in it is run.

    The file appears under its name only after it has passed `onnx.checker` and the parity gate. The
    same weights give the same bytes.

    Parameters
    ----------
    path
        A `.pth`, `.pt`, `.bin` or `.safetensors` file of one of `PUBLIC_FAMILIES`.
    onnx_path
        Replaced if it exists.
    options
        See there.

    Raises
    ------
    ModelError
        The file is not usable, or the parity gate refused.
    UnwritableError
        The model cannot be written.
    UsageError
        The size does not fit the network, or it must be said which weights these are.
    """
    weights = read_public_weights(path)
    variant = _variant(path, weights, options)
    family, published = weights.family, weights.published
    network = family.adapt(fold_weights(weights.network())).eval()
    network.working_multiple = family.multiple
    size = _size(family, options.size or OWN_SIDES.get(variant, family.side), options.square)
    network.working_area = size**2
    contract = _contract(weights, options, variant, size)
    model = traced_graph(
        network,
        multiple=family.multiple,
        size=(size, size) if options.square else None,
        inputs=_HINTED if network.takes_hints else LIGHTNESS_ONLY,
    )
    model.doc_string = family.credit
    entries = {
        METADATA_PREFIX + "credit": family.credit,
        METADATA_PREFIX + "source": published.url if published else "",
    }
    helper.set_model_props(model, contract.to_metadata() | entries)
    onnx_bytes = checked_bytes(model)
    shapes = [(1, size, size)] if options.square else parity_shapes(network, PARITY_SIDE**2)
    error_ab = check_parity(network, onnx_bytes, shapes=shapes)
    write_atomically(onnx_path, onnx_bytes)
    return ImportReport(
        family=family,
        published=published.name if published else "",
        contract=contract,
        error_ab=error_ab,
        onnx_bytes=len(onnx_bytes),
    )


def _variant(path: Path, weights: PublicWeights, options: ImportOptions) -> str:
    """Which of DeOldify's two sets of weights; "" for every other network."""
    if weights.family.name != _VARIANT_FAMILY:
        if options.variant:
            raise UsageError(
                f"--variant {options.variant}: {path} holds {weights.family.name}, which has none"
            )
        return ""
    known = weights.published
    variant = known.name.removeprefix("deoldify-") if known else options.variant
    if not variant:
        raise UsageError(
            f"{path}: DeOldify's stable and video weights have the same keys, and this file is "
            "neither of the published ones; say which it is: --variant stable or --variant video"
        )
    return variant


def _size(family: PublicFamily, size: int, square: bool) -> int:
    if size < family.multiple:
        raise UsageError(f"--size {size}: {family.name} takes {family.multiple} and more")
    if square and size % family.multiple:
        raise UsageError(
            f"--size {size}: with --square, {family.name} takes multiples of {family.multiple}"
        )
    return size


def _contract(
    weights: PublicWeights, options: ImportOptions, variant: str, size: int
) -> ModelContract:
    family, published = weights.family, weights.published
    license_text = published.license if published else family.license
    if not published:
        license_text = options.license or f"{license_text} if these are the published weights"
    elif options.license:
        raise UsageError(
            f"--license {options.license}: these are the published weights of {published.name}, "
            f"whose licence is {published.license}"
        )
    family_name = f"deoldify-{variant}" if variant else family.name
    contract = ModelContract(
        name=options.name or (published.name if published else family_name),
        license=license_text,
        training_data=family.training_data,
        weights_sha256=weights.sha256,
        working_multiple=family.multiple,
        working_min=max(family.multiple, size // 4),
        working_max=min(max(family.multiple, size * 4), LONGEST_SIDE),
        working_area=size**2,
        hints=int(family.adapt.takes_hints),
    )
    if options.square:
        return replace(contract, working_area=0, working_height=size, working_width=size)
    return contract
