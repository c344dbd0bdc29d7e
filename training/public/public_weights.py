"""Read a published file of weights, whatever wrapper it has, and tell whose it is."""

from __future__ import annotations

import hashlib
import pickle
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor, nn

from ...engine.inference.published_files import PUBLISHED_FILES, PublishedFile, file_of_sha256
from ...errors import ModelError, first_line
from ..models.weights_file import DAMAGE, read_weights
from .families import PublicFamily, family_of_keys

# Under which keys trainers keep the weights; the first that is there counts.
WRAPPERS: Final = ("params_ema", "params", "state_dict", "model")
# What a GAN's trainer puts in front of the generator's keys; its other keys are left out.
GENERATOR: Final = "net_G."
PREFIXES: Final = ("module.", GENERATOR)
# How many keys an error names.
NAMED_KEYS: Final = 5
TRUSTED: Final = (
    "run `torch.save(torch.load(FILE, weights_only=False), NEW)` on a machine that may be lost, keep "
    "only the tensors, and import the new file"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicWeights:
    """A file of weights, read and recognised.

    Parameters
    ----------
    family
        Told by the keys.
    sha256
        Of the file.
    published
        Which published file it is; None if its digest is not known.
    tensors
        In float32, keys as the family's network has them.
    """

    family: PublicFamily
    sha256: str
    published: PublishedFile | None
    tensors: Mapping[str, Tensor]

    def network(self) -> nn.Module:
        """The network with these weights, in evaluation mode."""
        with torch.device("meta"):
            network = self.family.build()
        network.load_state_dict(dict(self.tensors), strict=True, assign=True)
        return network.requires_grad_(False).eval()


def read_public_weights(path: Path) -> PublicWeights:
    """Read a `.pth`, `.pt`, `.bin` or `.safetensors` file; no code in it is ever run.

    Parameters
    ----------
    path
        Of the file.

    Raises
    ------
    ModelError
        It is missing, damaged, not what its name says, needs code to be run, is of no known network,
        or lacks keys or has others.
    """
    sha256 = _sha256(path)
    published = file_of_sha256(sha256)
    if published is None:
        _refuse_false_name(path, sha256)
    stored = _stored(path)
    try:
        tensors = _unwrapped(stored)
        shapes = {key: tuple(tensor.shape) for key, tensor in tensors.items()}
        family = family_of_keys(shapes)
        with torch.device("meta"):
            expected = family.build().state_dict()
        _check_keys(shapes, {key: tuple(each.shape) for key, each in expected.items()}, family)
    except ModelError as error:
        raise ModelError(f"{path}: {error}") from error
    return PublicWeights(
        family=family,
        sha256=sha256,
        published=published,
        tensors={
            key: tensors[key].float() if each.is_floating_point() else tensors[key]
            for key, each in expected.items()
        },
    )


def _stored(path: Path) -> Any:
    """What the file holds: tensors, in dicts."""
    if path.suffix == ".safetensors":
        return read_weights(path)
    try:
        # DeOldify's files hold slices: data, but not on PyTorch's list of what may be read.
        with torch.serialization.safe_globals([slice]):
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        found = re.search(r"GLOBAL (\S+)", str(error))
        if found is None:
            raise ModelError(f"{path}: expected weights of PyTorch, found another kind") from error
        raise ModelError(
            f"{path}: its pickle asks for {found[1]}, and reading that would run code of the file; "
            f"expected tensors only: {TRUSTED}"
        ) from error
    except DAMAGE as error:
        raise ModelError(
            f"{path}: expected weights of PyTorch, found a damaged or another file; fetch it again"
        ) from error


def _unwrapped(stored: Any) -> dict[str, Tensor]:
    """The network's own keys."""
    while isinstance(stored, Mapping):
        inner = next((key for key in WRAPPERS if isinstance(stored.get(key), Mapping)), None)
        if inner is None:
            break
        stored = stored[inner]
    if not isinstance(stored, Mapping):
        raise ModelError(
            f"expected a dict of tensors, found {type(stored).__name__}; save its state_dict()"
        )
    tensors = {str(key): each for key, each in stored.items() if isinstance(each, Tensor)}
    for prefix in PREFIXES:
        inside = {
            key.removeprefix(prefix): each
            for key, each in tensors.items()
            if key.startswith(prefix)
        }
        if inside and (prefix == GENERATOR or len(inside) == len(tensors)):
            tensors = inside
    return tensors


def _check_keys(
    found: Mapping[str, tuple[int, ...]],
    expected: Mapping[str, tuple[int, ...]],
    family: PublicFamily,
) -> None:
    missing = [key for key in expected if key not in found]
    extra = [key for key in found if key not in expected]
    other = [
        f"{key} ({_by(found[key])} in place of {_by(shape)})"
        for key, shape in expected.items()
        if key in found and found[key] != shape
    ]
    faults = [
        f"{len(keys)} {what}: {', '.join(keys[:NAMED_KEYS])}{' ...' * (len(keys) > NAMED_KEYS)}"
        for what, keys in (("missing", missing), ("not its own", extra), ("of other shape", other))
        if keys
    ]
    if faults:
        raise ModelError(f"expected the {len(expected)} keys of {family.name}; {'; '.join(faults)}")


def _by(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "scalar"


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"{path}: cannot read it: {first_line(error)}") from error


def _refuse_false_name(path: Path, sha256: str) -> None:
    """A file with a published name and another digest is damaged, or not what it says."""
    named = [each for each in PUBLISHED_FILES if each.file == path.name]
    # Many files are called pytorch_model.bin.
    if len(named) == 1 and named[0].sha256 and path.suffix != ".bin":
        raise ModelError(
            f"{path}: expected sha256 {named[0].sha256} of the published file of that name, found "
            f"{sha256}; fetch it again, or rename it if these are weights of your own"
        )
