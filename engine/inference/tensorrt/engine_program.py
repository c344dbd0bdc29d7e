"""A TensorRT engine as the program of a `BatchRing`: contexts, their memory, CUDA graphs."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from ....errors import BackendError
from ..gpu.protocol import Device, DeviceMemory, DeviceMemoryError, Graph, Stream
from .batch_ring import Shape
from .tensorrt_engine import TensorRtContext, TensorRtEngine

CAPACITY: Final = 24  # eight shapes in each of three slots


class EngineProgram:
    """Runs an engine on a stream.

    Every shape and pair of buffers has an execution context of its own, as TensorRT advises for
    graphs of several shapes; all share one workspace, for they run one after the other. A context
    runs once as it is, which settles what TensorRT left for later, then is recorded as a CUDA graph
    and from there on replayed. Batches are padded to powers of two, so that few contexts serve all.

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
        self._captured: OrderedDict[tuple[Shape, int, int], _CapturedShape] = OrderedDict()
        self._workspace: DeviceMemory | None = None
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
        key = shape, input_address, output_address
        captured = self._captured.get(key)
        if captured is None:
            captured = self._captured[key] = self._started(*key)
        self._captured.move_to_end(key)
        if captured.graph is None and captured.settled and self._records:
            captured.graph = self._recorded(captured.context)
        if captured.graph is not None:
            self._stream.replay(captured.graph)
        else:
            captured.context.execute(self._stream.handle)
            captured.settled = True

    def forget(self) -> None:
        """Free contexts and workspace; nothing may be under way."""
        while self._captured:
            self._drop_oldest()
        if self._workspace is not None:
            self._workspace.free()
            self._workspace = None

    def _started(self, shape: Shape, input_address: int, output_address: int) -> _CapturedShape:
        if len(self._captured) >= self._capacity:
            self._stream.synchronize()
            while len(self._captured) >= self._capacity:
                self._drop_oldest()
        context = self._engine.context(shape, input_address, output_address)
        self._use_workspace(context)
        return _CapturedShape(context)

    def _use_workspace(self, context: TensorRtContext) -> None:
        """Share what there is; if that is too small, all contexts start anew on a larger one."""
        if self._workspace is None or self._workspace.nbytes < context.workspace_bytes:
            self._stream.synchronize()
            self.forget()
            self._workspace = self._device.allocate(context.workspace_bytes)
        context.use_workspace(self._workspace)

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


class _CapturedShape:
    """A context for one shape and its buffers, and the graph that it was captured as."""

    __slots__ = ("context", "graph", "settled")

    def __init__(self, context: TensorRtContext) -> None:
        self.context = context
        self.settled = False
        self.graph: Graph | None = None
