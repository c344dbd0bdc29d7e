"""Streams and events of PyCUDA."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ....kernels.cuda.launches import Launch
from .cuda_graph import CudaGraph, recorded_graph
from .pycuda_memory import PyCudaMemory, PyCudaPinned
from .pycuda_session import PyCudaSession


class PyCudaStream:
    """A stream; see `Stream`.

    Parameters
    ----------
    session
        That it was made in.
    stream
        PyCUDA's.
    function_of
        Finds one of the package's kernels by its name.
    """

    def __init__(
        self, session: PyCudaSession, stream: Any, function_of: Callable[[str], Any]
    ) -> None:
        self.handle = int(stream.handle)
        self._session = session
        self._stream: Any = stream
        self._function_of = function_of

    def upload(self, target: PyCudaMemory, source: PyCudaPinned, nbytes: int) -> None:
        """Copy to the device."""
        with self._session.guard():
            self._session.driver.memcpy_htod_async(
                target.address, source.array_u8[:nbytes], self._stream
            )

    def download(self, target: PyCudaPinned, source: PyCudaMemory, nbytes: int) -> None:
        """Copy to the host."""
        with self._session.guard():
            self._session.driver.memcpy_dtoh_async(
                target.array_u8[:nbytes], source.address, self._stream
            )

    def copy(self, target_address: int, source_address: int, nbytes: int) -> None:
        """Copy within the device."""
        with self._session.guard():
            self._session.driver.memcpy_dtod_async(
                target_address, source_address, nbytes, self._stream
            )

    def record(self, event: PyCudaEvent) -> None:
        """Mark what is queued."""
        with self._session.guard():
            event.event.record(self._stream)

    def wait(self, event: PyCudaEvent) -> None:
        """Hold back what follows."""
        with self._session.guard():
            self._stream.wait_for_event(event.event)

    def launch(self, launch: Launch) -> None:
        """Queue a kernel."""
        # PyCUDA packs NumPy scalars by their size; a bare integer it does not take.
        arguments = [
            np.uintp(value) if isinstance(value, int) else value for value in launch.arguments
        ]
        with self._session.guard():
            function = self._function_of(launch.kernel)
            function(*arguments, grid=launch.grid, block=launch.block, stream=self._stream)

    def captured(self, work: Callable[[], None]) -> CudaGraph | None:
        """Record a graph."""
        graph = recorded_graph(self.handle, work)
        return None if graph is None else self._session.own(graph)

    def replay(self, graph: CudaGraph) -> None:
        """Queue a graph."""
        graph.start(self.handle)

    def synchronize(self) -> None:
        """Wait for all of it."""
        with self._session.guard():
            self._stream.synchronize()

    def free(self) -> None:
        """Let it go, while the context is current."""
        self._stream = None


class PyCudaEvent:
    """An event; see `Event`.

    Parameters
    ----------
    session
        That it was made in.
    event
        PyCUDA's.
    """

    def __init__(self, session: PyCudaSession, event: Any) -> None:
        self.event: Any = event
        self._session = session

    def synchronize(self) -> None:
        """Wait; other threads run meanwhile."""
        with self._session.guard():
            self.event.synchronize()

    def elapsed_ms(self, since: PyCudaEvent) -> float:
        """Time between two."""
        with self._session.guard():
            return float(self.event.time_since(since.event))

    def free(self) -> None:
        """Let it go, while the context is current."""
        self.event = None
