"""One GPU with the kernels on it, by the driver's own functions: what checks and benchmarks need.

It works in order and waits: an engine that overlaps its steps has a device layer of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ...errors import BackendError, MissingDependencyError
from .launches import Launch
from .module import module_image


class Card:
    """A GPU's primary context, device memory and the module of kernels.

    Belongs to the thread that made it. Pointers are addresses; they end with the card.

    Parameters
    ----------
    ordinal
        Which GPU, as the driver counts them.

    Attributes
    ----------
    name : str
    compute_capability : tuple of (int, int)
    origin : {"fatbin", "jit"}
        Where the kernels come from, see `module.module_image`.

    Raises
    ------
    BackendError
        There is no driver, no such GPU, or it is too old.
    MissingDependencyError
        The bindings of the driver are not installed.
    """

    def __init__(self, ordinal: int = 0) -> None:
        self.closed = False
        self._addresses: list[int] = []
        driver = self._driver = _driver()
        self._device = self._call("cuDeviceGet", ordinal)
        context = self._call("cuDevicePrimaryCtxRetain", self._device)
        self._call("cuCtxSetCurrent", context)
        name: bytes = self._call("cuDeviceGetName", 256, self._device)
        self.name = name.partition(b"\0")[0].decode()
        attribute = driver.CUdevice_attribute
        self.compute_capability: tuple[int, int] = (
            self._attribute(attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR),
            self._attribute(attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR),
        )
        try:
            kernels = module_image(self.compute_capability)
            image = np.frombuffer(kernels.image, np.uint8)
            self._module = self._call("cuModuleLoadData", image.ctypes.data)
        except Exception:
            self.close()
            raise
        self.origin = kernels.origin

    def put(self, array: NDArray[Any]) -> int:
        """Copy an array, packed, to new device memory and return its address."""
        packed = np.ascontiguousarray(array)
        address = int(self._call("cuMemAlloc", packed.nbytes))
        self._addresses.append(address)
        self._call("cuMemcpyHtoD", address, packed.ctypes.data, packed.nbytes)
        return address

    def get(self, address: int, count: int, dtype: DTypeLike) -> NDArray[Any]:
        """Wait for all launches, and copy `count` values back."""
        array = np.empty(count, dtype)
        self._call("cuMemcpyDtoH", array.ctypes.data, address, array.nbytes)
        return array

    def run(self, *launches: Launch) -> None:
        """Start kernels, one after the other; does not wait for them."""
        for launch in launches:
            function = self._call("cuModuleGetFunction", self._module, launch.kernel.encode())
            values = [
                np.array(value, np.uint64 if isinstance(value, int) else None)
                for value in launch.arguments
            ]
            where = np.array([value.ctypes.data for value in values], np.uint64)
            geometry = (*launch.grid, *launch.block)
            self._call("cuLaunchKernel", function, *geometry, 0, 0, where.ctypes.data, 0)

    def copy(self, source: int, target: int, count: int) -> None:
        """Copy `count` bytes within the device; does not wait."""
        self._call("cuMemcpyDtoDAsync", target, source, count, 0)

    def elapsed_ms(self, work: Callable[[], None]) -> float:
        """Return how long the GPU takes for what `work` starts."""
        start, end = self._call("cuEventCreate", 0), self._call("cuEventCreate", 0)
        self._call("cuEventRecord", start, 0)
        work()
        self._call("cuEventRecord", end, 0)
        self._call("cuEventSynchronize", end)
        elapsed = float(self._call("cuEventElapsedTime", start, end))
        self._call("cuEventDestroy", start)
        self._call("cuEventDestroy", end)
        return elapsed

    def close(self) -> None:
        """Free the memory and let the context go; pointers end here."""
        if self.closed:
            return
        for address in self._addresses:
            self._call("cuMemFree", address)
        self._call("cuDevicePrimaryCtxRelease", self._device)
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _attribute(self, attribute: Any) -> int:
        return int(self._call("cuDeviceGetAttribute", attribute, self._device))

    def _call(self, function: str, *arguments: Any) -> Any:
        """Return the one result of a driver function, if it has one."""
        if self.closed:
            raise BackendError("expected an open card, got one that was closed; open another")
        state, *results = getattr(self._driver, function)(*arguments)
        if state != self._driver.CUresult.CUDA_SUCCESS:
            raise BackendError(f"expected {function} to succeed, got {state.name}")
        return results[0] if results else None


def _driver() -> Any:
    try:
        driver = import_module("cuda.bindings.driver")
    except ModuleNotFoundError as missing:
        raise MissingDependencyError(
            "reaching a GPU needs 'cuda-bindings'; pip install 'colorize-batch[cuda]'"
        ) from missing
    try:
        (state,) = driver.cuInit(0)
    except RuntimeError as missing:
        raise BackendError(
            "expected an NVIDIA driver, got none; install version 580 or newer"
        ) from missing
    if state != driver.CUresult.CUDA_SUCCESS:
        raise BackendError(f"expected a GPU that the NVIDIA driver can use, got {state.name}")
    return driver
