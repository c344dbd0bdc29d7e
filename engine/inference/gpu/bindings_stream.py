"""Streams, events and graphs of cuda-bindings."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np

from ....kernels.cuda.launches import Launch
from .bindings_memory import BindingsMemory, BindingsPinned
from .bindings_session import BindingsSession
from .protocol import DeviceError


class BindingsStream:
    """A stream; see `Stream`.

    Parameters
    ----------
    session
        That it was made in.
    handle
        The CUstream.
    function_of
        Finds one of the package's kernels by its name, without loading anything.
    """

    def __init__(
        self,
        session: BindingsSession,
        handle: int,
        function_of: Callable[[str], Any],
    ) -> None:
        self.handle = handle
        self._session = session
        self._function_of = function_of

    def upload(self, target: BindingsMemory, source: BindingsPinned, nbytes: int) -> None:
        """Copy to the device."""
        self._call("cuMemcpyHtoDAsync", target.address, source.address, nbytes, self.handle)

    def download(self, target: BindingsPinned, source: BindingsMemory, nbytes: int) -> None:
        """Copy to the host."""
        self._call("cuMemcpyDtoHAsync", target.address, source.address, nbytes, self.handle)

    def copy(self, target_address: int, source_address: int, nbytes: int) -> None:
        """Copy within the device."""
        self._call("cuMemcpyDtoDAsync", target_address, source_address, nbytes, self.handle)

    def record(self, event: BindingsEvent) -> None:
        """Mark what is queued."""
        self._call("cuEventRecord", event.handle, self.handle)

    def wait(self, event: BindingsEvent) -> None:
        """Hold back what follows."""
        self._call("cuStreamWaitEvent", self.handle, event.handle, 0)

    def launch(self, launch: Launch) -> None:
        """Queue a kernel."""
        # cuda-bindings packs values by ctypes; pointers are plain integers here.
        values = tuple(
            value if isinstance(value, int) else value.item() for value in launch.arguments
        )
        kinds = tuple(_ctype(value) for value in launch.arguments)
        function = self._function_of(launch.kernel)
        self._call(
            "cuLaunchKernel", function, *launch.grid, *launch.block, 0, self.handle,
            (values, kinds), 0,
        )  # fmt: skip

    def captured(self, work: Callable[[], None]) -> BindingsGraph:
        """Record a graph."""
        # Other threads may allocate meanwhile; only this one is bound to what can be recorded.
        mode = self._session.driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL
        self._call("cuStreamBeginCapture", self.handle, mode)
        try:
            work()
        except BaseException:
            # A stream left recording could never be used again.
            with suppress(DeviceError):
                self._call("cuGraphDestroy", self._call("cuStreamEndCapture", self.handle))
            raise
        graph = self._call("cuStreamEndCapture", self.handle)
        try:
            executable = self._call("cuGraphInstantiate", graph, 0)
            return self._session.own(BindingsGraph(self._session, executable))
        finally:
            self._call("cuGraphDestroy", graph)

    def replay(self, graph: BindingsGraph) -> None:
        """Queue a graph."""
        self._call("cuGraphLaunch", graph.executable, self.handle)

    def synchronize(self) -> None:
        """Wait for all of it; other threads run meanwhile."""
        self._call("cuStreamSynchronize", self.handle)

    def free(self) -> None:
        """Destroy the stream; idempotent."""
        handle, self.handle = self.handle, 0
        if handle:
            self._session.disown(self)
            self._call("cuStreamDestroy", handle)

    def _call(self, function: str, *arguments: Any) -> Any:
        return self._session.call(function, *arguments)


class BindingsEvent:
    """An event; see `Event`.

    Parameters
    ----------
    session
        That it was made in.
    handle
        The CUevent.
    """

    def __init__(self, session: BindingsSession, handle: Any) -> None:
        self.handle = handle
        self._session = session

    def synchronize(self) -> None:
        """Wait; other threads run meanwhile."""
        self._session.call("cuEventSynchronize", self.handle)

    def elapsed_ms(self, since: BindingsEvent) -> float:
        """Time between two."""
        return float(self._session.call("cuEventElapsedTime", since.handle, self.handle))

    def free(self) -> None:
        """Destroy the event; idempotent."""
        handle, self.handle = self.handle, None
        if handle is not None:
            self._session.disown(self)
            self._session.call("cuEventDestroy", handle)


class BindingsGraph:
    """Recorded work; see `Graph`.

    Parameters
    ----------
    session
        That it was made in.
    executable
        The CUgraphExec.
    """

    def __init__(self, session: BindingsSession, executable: Any) -> None:
        self.executable = executable
        self._session = session

    def free(self) -> None:
        """Destroy the graph; idempotent."""
        executable, self.executable = self.executable, None
        if executable is not None:
            self._session.disown(self)
            self._session.call("cuGraphExecDestroy", executable)


def _ctype(value: Any) -> Any:
    if isinstance(value, int):
        return ctypes.c_void_p
    return ctypes.c_float if value.dtype == np.float32 else ctypes.c_int32
