"""Batches through a GPU, several at a time: one goes up while one is computed and one comes down."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Lock
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from ....errors import BackendError
from ..gpu.protocol import Device, DeviceMemory, Event, PinnedMemory, Stream

DEPTH: Final = 3  # up, compute, down
Shape = tuple[int, ...]


class Program(Protocol):
    """Computation of one batch. The ring calls it from one thread at a time, on its compute stream."""

    def padded(self, shape: Shape) -> Shape:
        """Shape of the input it would rather compute; only the first axis may be larger."""
        ...

    def output_shape(self, shape: Shape) -> Shape:
        """Shape of the output that a padded input gives."""
        ...

    def queue(self, shape: Shape, input_address: int, output_address: int) -> None:
        """Put the work for a padded input, both packed float32, on the compute stream."""
        ...

    def forget(self) -> None:
        """Free what it holds for later use; nothing is under way."""
        ...


class BatchRing:
    """Takes batches through a program in the order of `submit`.

    Each of the slots has pinned and device memory for one batch, and is used again only when its
    last batch has come down. Copies up, the program and copies down have a stream each; events
    order the steps of a batch, so steps of different batches overlap.

    Parameters
    ----------
    device
        Where the program runs; owned by the caller, and current whenever the ring is called.
    compute
        The stream that the program queues on.
    program
        What is computed.
    depth
        Number of slots.
    """

    def __init__(
        self, device: Device, compute: Stream, program: Program, *, depth: int = DEPTH
    ) -> None:
        self.busy_seconds = 0.0
        self._device = device
        self._program = program
        self._up, self._compute, self._down = device.stream(), compute, device.stream()
        self._queueing = Lock()
        self._draining = Lock()
        self._broken: BackendError | None = None
        self._depth = depth
        self._era = 0  # ends with `forget`; memory from before is let go
        self._free: SimpleQueue[Slot] = SimpleQueue()
        for _ in range(depth):
            self._free.put(Slot(device))

    def run(self, l_batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """Submit, and wait for the result; several threads at a time keep the GPU busy."""
        return self.result(self.submit(l_batch))

    def submit(self, l_batch: NDArray[np.float32]) -> Submitted:
        """Queue a batch; waits while all slots are taken.

        Parameters
        ----------
        l_batch
            (N, 1, H, W); copied.

        Raises
        ------
        DeviceMemoryError
            No memory for a batch so large.
        BackendError
            The device or the program failed.
        """
        slot = self._free.get()
        try:
            if self._broken is not None:
                raise self._broken
            with self._queueing:
                shape = self._program.padded(l_batch.shape)
                output_shape = self._program.output_shape(shape)
            slot.fit(_bytes(shape), _bytes(output_shape))
            slot.host_input.put(l_batch)
            output_shape = (len(l_batch), *output_shape[1:])
            with self._queueing:
                self._up.upload(slot.input, slot.host_input, l_batch.nbytes)
                self._up.record(slot.uploaded)
                self._compute.wait(slot.uploaded)
                self._compute.record(slot.started)
                self._program.queue(shape, slot.input.address, slot.output.address)
                self._compute.record(slot.computed)
                self._down.wait(slot.computed)
                self._down.download(slot.host_output, slot.output, _bytes(output_shape))
                self._down.record(slot.downloaded)
        except BaseException:
            with self._queueing:
                self._settle()
            self._give_back(slot)
            raise
        return Submitted(slot=slot, output_shape=output_shape)

    def result(self, submitted: Submitted) -> NDArray[np.float32]:
        """Wait for a batch; called once for each.

        Returns
        -------
        NDArray
            (N, 2, h, w), a new array.

        Raises
        ------
        DeviceError
            The device failed at it.
        """
        slot = submitted.slot
        try:
            slot.downloaded.synchronize()
            busy_ms = slot.computed.elapsed_ms(slot.started)
            ab_batch = slot.host_output.taken(submitted.output_shape)
        except BaseException:
            with self._queueing:
                self._settle()
            raise
        finally:
            self._give_back(slot)
        with self._queueing:
            self.busy_seconds += busy_ms / 1e3
        return ab_batch

    def forget(self, *, wait: bool = False) -> None:
        """Free what is kept for later use: the program's, and the memory of all slots in turn.

        Parameters
        ----------
        wait
            Whether to wait for the batches of other threads, so that all memory is free once.
        """
        with self._queueing:
            self._settle()
            self._program.forget()
            self._era += 1
        if wait:
            # One at a time: two that each held some of the slots would wait for each other.
            with self._draining:
                for slot in [self._free.get() for _ in range(self._depth)]:
                    self._give_back(slot)
            return
        with suppress(Empty):
            for _ in range(self._depth):
                self._give_back(self._free.get_nowait())

    def _give_back(self, slot: Slot) -> None:
        if slot.era != self._era:
            slot.release()
            slot.era = self._era
        self._free.put(slot)

    def _settle(self) -> None:
        """Wait for all: a slot that was left in the middle may be touched when it is used again.

        Called under `_queueing`: a stream that another thread records must not be waited for.
        A device that cannot even do that is gone, and the ring with it.
        """
        for stream in (self._up, self._compute, self._down):
            try:
                stream.synchronize()
            except BackendError as error:
                self._broken = error


class Slot:
    """Buffers and events of one batch under way; the memory grows as batches do."""

    host_input: PinnedMemory
    input: DeviceMemory
    output: DeviceMemory
    host_output: PinnedMemory

    def __init__(self, device: Device) -> None:
        self.uploaded: Event = device.event()
        self.started: Event = device.event(timed=True)
        self.computed: Event = device.event(timed=True)
        self.downloaded: Event = device.event()
        self.era = 0
        self._device = device
        self._memory: list[DeviceMemory | PinnedMemory] = []
        self._sizes = (0, 0)

    def fit(self, input_bytes: int, output_bytes: int) -> None:
        """Make room; raises DeviceMemoryError, and then holds none."""
        if input_bytes <= self._sizes[0] and output_bytes <= self._sizes[1]:
            return
        self.release()
        device = self._device
        try:
            self._memory.append(device_input := device.allocate(input_bytes))
            self._memory.append(device_output := device.allocate(output_bytes))
            self._memory.append(host_input := device.pinned(input_bytes))
            self._memory.append(host_output := device.pinned(output_bytes))
        except BackendError:
            self.release()
            raise
        self.input, self.output = device_input, device_output
        self.host_input, self.host_output = host_input, host_output
        self._sizes = input_bytes, output_bytes

    def release(self) -> None:
        """Free the memory; nothing may be under way."""
        for memory in self._memory:
            memory.free()
        self._sizes, self._memory = (0, 0), []


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """A batch under way, and the shape of what it gives."""

    slot: Slot
    output_shape: Shape


def _bytes(shape: Shape) -> int:
    return 4 * int(np.prod(shape))
