"""A TensorRT engine as the program of a `BatchRing`: contexts, their memory, CUDA graphs."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import Final

from ....errors import BackendError
from ..gpu.protocol import Device, DeviceMemory, DeviceMemoryError, Graph, Stream
from .batch_ring import Shape
from .tensorrt_engine import TensorRtContext, TensorRtEngine

CAPACITY: Final = 128  # some twenty aspects in six batch sizes
HEADROOM: Final = 1.25  # working shapes of other aspects have up to 1.23 times the working area


class EngineProgram:
    """Runs an engine on a stream.

    Every shape has an execution context of its own, as TensorRT advises for graphs of several shapes.
    All share one workspace and one pair of buffers, for they run one after the other; a batch is copied
    from its slot into them and back, which costs two short copies within the device and keeps the
    number of contexts to that of the shapes. A context runs once as it is, which settles what TensorRT
    left for later, then is recorded as a CUDA graph and from there on replayed. Batches are padded to
    powers of two, so that few contexts serve all.

    Parameters
    ----------
    engine
        Owned by the caller.
    device, stream
        Where it runs.
    on_note
        Called once if graphs cannot be had.
    capacity
        Contexts kept; the one not used for longest goes first.
    """

    def __init__(
        self,
        engine: TensorRtEngine,
        device: Device,
        stream: Stream,
        *,
        on_note: Callable[[str], None],
        capacity: int = CAPACITY,
    ) -> None:
        self._engine = engine
        self._device = device
        self._stream = stream
        self._on_note = on_note
        self._capacity = capacity
        self._captured: OrderedDict[Shape, _CapturedShape] = OrderedDict()
        self._memory: _SharedMemory | None = None
        self._records = not engine.records_itself

    def padded(self, shape: Shape) -> Shape:
        """Batch raised to the next power of two, or the largest that the engine takes."""
        count = min(1 << (shape[0] - 1).bit_length(), self._engine.batch_max)
        return (count, *shape[1:])

    def output_shape(self, shape: Shape) -> Shape:
        """Output shape as the engine states it; raises BackendError for a shape that it does not take."""
        return self._engine.output_shape(shape)

    def queue(self, shape: Shape, input_address: int, output_address: int) -> None:
        """Execute, or replay what an earlier execution was recorded as."""
        captured = self._captured.get(shape)
        if captured is None:
            captured = self._captured[shape] = self._started(shape)
        self._captured.move_to_end(shape)
        if captured.graph is None and captured.settled and self._records:
            captured.graph = self._recorded(captured.context)
        memory = self._memory
        assert memory is not None  # `_started` made it
        input_bytes, output_bytes = self._io_bytes(shape)
        self._stream.copy(memory.input.address, input_address, input_bytes)
        if captured.graph is not None:
            self._stream.replay(captured.graph)
        else:
            captured.context.execute(self._stream.handle)
            captured.settled = True
        self._stream.copy(output_address, memory.output.address, output_bytes)

    def forget(self) -> None:
        """Free contexts and shared memory; nothing may be under way."""
        while self._captured:
            self._drop_oldest()
        if self._memory is not None:
            self._memory.free()
            self._memory = None

    def _started(self, shape: Shape) -> _CapturedShape:
        if len(self._captured) >= self._capacity:
            self._stream.synchronize()
            while len(self._captured) >= self._capacity:
                self._drop_oldest()
        workspace_bytes = self._engine.workspace_bytes(shape)
        needed = (workspace_bytes, *self._io_bytes(shape))
        if self._memory is None or not self._memory.holds(needed):
            # Contexts hold its addresses, so all start anew.
            self._stream.synchronize()
            self.forget()
            self._memory = self._allocated(shape, needed)
        memory = self._memory
        context = self._engine.context(shape, memory.input.address, memory.output.address)
        context.use_workspace(memory.workspace)
        return _CapturedShape(context)

    def _allocated(self, shape: Shape, needed: tuple[int, int, int]) -> _SharedMemory:
        """Memory for full batches of any aspect, so that it need not grow; if that is too much, for `shape`."""
        full = (self._engine.batch_max, *shape[1:])
        wanted = (self._engine.workspace_bytes(full), *self._io_bytes(full))
        try:
            return _SharedMemory(self._device, [int(HEADROOM * nbytes) for nbytes in wanted])
        except DeviceMemoryError:
            return _SharedMemory(self._device, needed)

    def _io_bytes(self, shape: Shape) -> tuple[int, int]:
        return 4 * math.prod(shape), 4 * math.prod(self.output_shape(shape))

    def _drop_oldest(self) -> None:
        _, captured = self._captured.popitem(last=False)
        if captured.graph is not None:
            captured.graph.free()

    def _recorded(self, context: TensorRtContext) -> Graph | None:
        graph = None
        reason = "cuda-bindings is not installed"
        try:
            graph = self._stream.captured(lambda: context.execute(self._stream.handle))
        except DeviceMemoryError:
            raise
        except BackendError as error:
            reason = str(error)
        if graph is None:
            self._records = False
            self._on_note(f"going on without CUDA graphs, which is slower: {reason}")
        return graph


class _SharedMemory:
    """Workspace, input and output that all contexts use in turn."""

    def __init__(self, device: Device, sizes: Sequence[int]) -> None:
        self._parts: list[DeviceMemory] = []
        try:
            for nbytes in sizes:
                self._parts.append(device.allocate(nbytes))
        except BackendError:
            self.free()
            raise
        self.workspace, self.input, self.output = self._parts

    def holds(self, sizes: Sequence[int]) -> bool:
        """Whether each part is at least so large."""
        return all(part.nbytes >= nbytes for part, nbytes in zip(self._parts, sizes, strict=True))

    def free(self) -> None:
        """Give all back."""
        for part in self._parts:
            part.free()


class _CapturedShape:
    """A context for one shape, and the graph that it was captured as."""

    __slots__ = ("context", "graph", "settled")

    def __init__(self, context: TensorRtContext) -> None:
        self.context = context
        self.settled = False
        self.graph: Graph | None = None
