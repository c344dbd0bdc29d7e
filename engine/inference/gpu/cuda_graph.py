"""CUDA graphs through cuda-bindings, for PyCUDA has none; the engine's one module that imports it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import Any, Final

from .protocol import DeviceError, DeviceMemoryError

_OUT_OF_MEMORY: Final = 2  # CUDA_ERROR_OUT_OF_MEMORY


class CudaGraph:
    """Work recorded from a stream; see `Graph`.

    Parameters
    ----------
    driver
        `cuda.bindings.driver`.
    executable
        Its CUgraphExec.
    """

    def __init__(self, driver: Any, executable: Any) -> None:
        self._driver = driver
        self._executable = executable

    def start(self, stream_handle: int) -> None:
        """Queue it; raises DeviceError."""
        _result(self._driver.cuGraphLaunch(self._executable, stream_handle))

    def free(self) -> None:
        """Destroy the graph."""
        executable, self._executable = self._executable, None
        if executable is not None:
            self._driver.cuGraphExecDestroy(executable)


def recorded_graph(stream_handle: int, work: Callable[[], None]) -> CudaGraph | None:
    """Record what `work` queues on a stream.

    Returns
    -------
    CudaGraph or None
        None where cuda-bindings is not installed; then `work` was not called.

    Raises
    ------
    DeviceError
        The work holds something that cannot be recorded, or the device failed.
    """
    driver = _driver()
    if driver is None:
        return None
    # Other threads may allocate meanwhile; only this one is bound to what can be recorded.
    mode = driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL
    _result(driver.cuStreamBeginCapture(stream_handle, mode))
    try:
        work()
    except BaseException:
        # A stream left recording could never be used again.
        with suppress(DeviceError):
            driver.cuGraphDestroy(_result(driver.cuStreamEndCapture(stream_handle)))
        raise
    graph = _result(driver.cuStreamEndCapture(stream_handle))
    try:
        return CudaGraph(driver, _result(driver.cuGraphInstantiate(graph, 0)))
    finally:
        driver.cuGraphDestroy(graph)


@cache
def _driver() -> Any | None:
    try:
        return import_module("cuda.bindings.driver")
    except ImportError:
        return None


def _result(answer: tuple[Any, ...]) -> Any:
    """The one result of a driver's function, if it has one."""
    state, *results = answer
    if int(state) == _OUT_OF_MEMORY:
        raise DeviceMemoryError(f"CUDA graph: {state.name}")
    if int(state):
        raise DeviceError(f"CUDA graph: {state.name}")
    return results[0] if results else None
