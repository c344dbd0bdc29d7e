"""GPUs that each flavour of TensorRT serves, by compute capability.

Source: NVIDIA's support matrices of TensorRT for RTX 1.7 and TensorRT 10 and 11. The bindings cannot be
asked: they name SM80 as a target of TensorRT for RTX, which does not serve it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from ....errors import BackendError

Capability = tuple[int, int]

# Turing, and GeForce, RTX and L cards of Ampere, Ada and Blackwell.
_RTX: Final[frozenset[Capability]] = frozenset({(7, 5), (8, 6), (8, 9), (12, 0), (12, 1)})
# flavour -> the extra that brings it
EXTRAS: Final[Mapping[str, str]] = {"tensorrt": "tensorrt", "tensorrt-rtx": "rtx"}


def serves(flavor: str, compute_capability: Capability) -> bool:
    """Whether a flavour runs on a GPU of this compute capability."""
    return flavor != "tensorrt-rtx" or compute_capability in _RTX


def serving_flavor(flavors: Iterable[str], gpu: str, compute_capability: Capability) -> str:
    """Choose the first flavour that serves a GPU.

    Parameters
    ----------
    flavors
        Installed ones, preferred first; at least one.
    gpu
        Name of the GPU in the message.
    compute_capability
        Major and minor.

    Raises
    ------
    BackendError
        None of them serves it; the message names the package that does.
    """
    found = tuple(flavors)
    for flavor in found:
        if serves(flavor, compute_capability):
            return flavor
    other = next(flavor for flavor in EXTRAS if serves(flavor, compute_capability))
    major, minor = compute_capability
    raise BackendError(
        f"{gpu}: {' and '.join(found)} does not serve compute capability {major}.{minor}; "
        f"pip install 'colorize-batch[{EXTRAS[other]}]' for {other}, or use --device cpu"
    )
