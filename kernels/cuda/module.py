"""The kernels as a driver loads them: compiled ahead of time, or now."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final, Literal

from ...errors import BackendError

FATBIN: Final = "kernels.fatbin"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleImage:
    """Image that `cuModuleLoadData` takes; its functions are named in `launches`."""

    image: bytes
    origin: Literal["fatbin", "jit"]


def module_image(compute_capability: tuple[int, int]) -> ModuleImage:
    """Return the kernels for a GPU: the file shipped with the package, or else compiled here.

    The file comes with a build that had Numba-CUDA at hand. It is read without importing Numba.

    Parameters
    ----------
    compute_capability
        Of the GPU, major and minor.

    Raises
    ------
    BackendError
        The GPU is too old.
    MissingDependencyError
        There is no such file, and no Numba-CUDA to compile with.
    """
    if compute_capability < (7, 5):
        major, minor = compute_capability
        raise BackendError(
            f"expected a GPU of compute capability 7.5 (Turing) or newer, got {major}.{minor}; "
            "choose another with --device, or --device cpu"
        )
    fatbin = files("colorize_batch.kernels.cuda").joinpath(FATBIN)
    if fatbin.is_file():
        return ModuleImage(image=fatbin.read_bytes(), origin="fatbin")
    return ModuleImage(image=_jit_image(), origin="jit")


@cache
def _jit_image() -> bytes:
    from .ptx import ptx_from_kernels  # noqa: PLC0415  the fatbin needs no Numba

    return ptx_from_kernels().encode("ascii") + b"\0"
