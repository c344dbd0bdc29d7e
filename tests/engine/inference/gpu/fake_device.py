"""A GPU of NumPy that does its work as late as it may and catches who does not wait.

Work that is queued runs only when something waits for it, so that reading too early gives what was
there before. Apart from that, vector clocks tell for every access to a buffer whether all earlier
ones that it conflicts with are known to be over (L. Lamport, "Time, Clocks, and the Ordering of
Events in a Distributed System", 1978; C. Fidge 1988 and F. Mattern 1989 for the vectors). The
threads of the host count as one party: what one waited for is over for all.

Time is made up too: every operation takes `MS` of it, on streams side by side.
"""

from __future__ import annotations

import itertools
import threading
from contextlib import contextmanager

import numpy as np

from colorize_batch.engine.inference.gpu.protocol import DeviceError, DeviceMemoryError, MemoryInfo
from colorize_batch.errors import BackendError

HOST = "host"
MS = {"copy": 0.0, "upload": 1.0, "compute": 4.0, "download": 1.0}


class RaceError(AssertionError):
    """A buffer was touched before an event said that it may be."""


class FakeDevice:
    """See `Device`; `failures` maps an operation to an exception that it raises from then on."""

    name = "Fake GPU"
    compute_capability = (8, 9)
    driver_version = 13000

    def __init__(self, ordinal=0, memory_bytes=1 << 30):
        self.ordinal = ordinal
        self.memory_bytes = memory_bytes
        self.used_bytes = 0
        self.closed = False
        self.failures = {}
        self.log = []  # (operation, number of the buffer's pair or event) as they are queued
        self.clock = {HOST: 0}  # of the host
        self.now_ms = 0.0  # on the host
        self.buffers = {}
        self.streams = {}
        self.lock = threading.RLock()
        self._numbers = itertools.count(1)
        self._depths = threading.local()

    @contextmanager
    def current(self):
        if self.closed:
            raise BackendError("the device is closed")
        self._depths.value = getattr(self._depths, "value", 0) + 1
        try:
            yield
        finally:
            self._depths.value -= 1

    def allocate(self, nbytes):
        return FakeMemory(self, nbytes, on_device=True)

    def pinned(self, nbytes):
        return FakeMemory(self, nbytes, on_device=False)

    def stream(self):
        self.check("stream")
        stream = FakeStream(self, next(self._numbers))
        self.streams[stream.handle] = stream
        return stream

    def event(self, *, timed=False):
        self.check("event")
        return FakeEvent(self, timed)

    def memory_info(self):
        return MemoryInfo(
            free_bytes=self.memory_bytes - self.used_bytes, total_bytes=self.memory_bytes
        )

    def close(self):
        if not self.closed:
            for buffer in tuple(self.buffers.values()):
                buffer.free()
        self.closed = True

    def check(self, operation):
        """What the driver would complain about at any call."""
        assert not self.closed, f"{operation} on a closed device"
        assert getattr(self._depths, "value", 0), f"{operation} without a current context"
        if operation in self.failures:
            raise self.failures[operation]

    def touch(self, buffer, actor, clock, *, writes, what):
        """Check one access against the earlier ones; remember it."""
        if buffer.freed:
            raise RaceError(f"{what}: the buffer was freed")
        for other, tick, did in [*buffer.writes, *(buffer.reads if writes else ())]:
            if clock.get(other, 0) < tick:
                raise RaceError(f"{what} touches {buffer} while {did} on {other} may still run")
        entry = (actor, clock[actor], what)
        if writes:
            buffer.writes, buffer.reads = [entry], []
        else:
            buffer.reads.append(entry)

    def host_touches(self, buffer, *, writes, what):
        self.clock[HOST] += 1
        self.touch(buffer, HOST, self.clock, writes=writes, what=what)

    def next_number(self):
        return next(self._numbers)


class FakeMemory:
    """Device or pinned memory: bytes, and who touched them."""

    def __init__(self, device, nbytes, *, on_device):
        with device.lock:
            device.check("allocate" if on_device else "pinned")
            if on_device and device.used_bytes + nbytes > device.memory_bytes:
                raise DeviceMemoryError("Fake GPU: out of memory")
            device.used_bytes += nbytes if on_device else 0
            self.device = device
            self.nbytes = nbytes
            self.on_device = on_device
            self.address = 256 * device.next_number()
            self.content = np.full(nbytes, 0xFF, np.uint8)  # NaN, as float32
            self.freed = False
            self.writes, self.reads = [], []
            device.buffers[self.address] = self

    def put(self, array):
        with self.device.lock:
            assert not self.on_device
            self.device.host_touches(self, writes=True, what="put")
            self.content[: array.nbytes] = np.ascontiguousarray(array).view(np.uint8).reshape(-1)

    def taken(self, shape):
        with self.device.lock:
            assert not self.on_device
            self.device.host_touches(self, writes=False, what="taken")
            nbytes = 4 * int(np.prod(shape))
            return self.content[:nbytes].view(np.float32).reshape(shape).copy()

    def free(self):
        with self.device.lock:
            if self.freed:
                return
            self.device.host_touches(self, writes=True, what="free")
            self.freed = True
            self.device.used_bytes -= self.nbytes if self.on_device else 0
            del self.device.buffers[self.address]

    def __str__(self):
        return f"{'device' if self.on_device else 'pinned'} memory {self.address}"


class FakeWork:
    """Something queued: what has to be over before it, and when it is over by the made-up time."""

    def __init__(self, run, needs, ready_ms, lasts_ms):
        self.run = run
        self.needs = [work for work in needs if work is not None]
        self.end_ms = max([ready_ms, *(work.end_ms for work in self.needs)]) + lasts_ms

    def finish(self):
        stack = [self]
        while stack:
            work = stack[-1]
            open_needs = [need for need in work.needs if need.run is not None]
            if open_needs:
                stack += open_needs
                continue
            stack.pop()
            if work.run is not None:
                run, work.run = work.run, None
                run()


class FakeStream:
    """See `Stream`; `compute` stands for what a kernel or an engine queues by the handle."""

    def __init__(self, device, number):
        self.device = device
        self.handle = number
        self.actor = f"stream {number}"
        self.clock = {}
        self.last = None
        self.recording = None

    def upload(self, target, source, nbytes):
        assert target.on_device
        assert not source.on_device
        self._copy("upload", target, source, nbytes)

    def download(self, target, source, nbytes):
        assert source.on_device
        assert not target.on_device
        self._copy("download", target, source, nbytes)

    def copy(self, target_address, source_address, nbytes):
        buffers = self.device.buffers
        target, source = buffers[target_address], buffers[source_address]
        assert target.on_device
        assert source.on_device
        self._copy("copy", target, source, nbytes)

    def compute(self, run, reads, writes):
        self._queue("compute", run, reads, writes)

    def record(self, event):
        with self.device.lock:
            self.device.check("record")
            self.device.log.append(("record", event))
            event.work, event.clock = self.last, dict(self.clock)

    def wait(self, event):
        with self.device.lock:
            self.device.check("wait")
            needs = [self.last, event.work]
            self.last = FakeWork(_nothing, needs, self.device.now_ms, 0.0)
            self.clock = _joined(self.clock, event.clock)

    def captured(self, work):
        with self.device.lock:
            self.device.check("captured")
            self.recording = []
            try:
                work()
            finally:
                recording, self.recording = self.recording, None
            self.device.log.append(("captured", len(recording)))
            return FakeGraph(recording)

    def replay(self, graph):
        assert not graph.freed
        for what, run, reads, writes in graph.recording:
            self._queue(what, run, reads, writes)
        graph.work = self.last

    def synchronize(self):
        with self.device.lock:
            self.device.check("settle")
            if self.last is not None:
                self.last.finish()
                self.device.now_ms = max(self.device.now_ms, self.last.end_ms)
            self.device.clock = _joined(self.device.clock, self.clock)

    def _copy(self, what, target, source, nbytes):
        assert nbytes <= min(target.nbytes, source.nbytes)

        def run():
            target.content[:nbytes] = source.content[:nbytes]

        self._queue(what, run, [source], [target])

    def _queue(self, what, run, reads, writes):
        device = self.device
        with device.lock:
            device.check(what)
            if self.recording is not None:
                self.recording.append((what, run, reads, writes))
                return
            device.clock[HOST] += 1
            self.clock = _joined(self.clock, device.clock)
            self.clock[self.actor] = self.clock.get(self.actor, 0) + 1
            for buffer in reads:
                device.touch(buffer, self.actor, self.clock, writes=False, what=what)
            for buffer in writes:
                device.touch(buffer, self.actor, self.clock, writes=True, what=what)
            device.log.append((what, self.handle))
            self.last = FakeWork(run, [self.last], device.now_ms, MS[what])


class FakeEvent:
    """See `Event`; `synchronize` does the work."""

    def __init__(self, device, timed):
        self.device = device
        self.timed = timed
        self.work = None
        self.clock = {}

    def synchronize(self):
        device = self.device
        with device.lock:
            device.check("synchronize")
            device.log.append(("synchronize", self))
            if self.work is not None:
                self.work.finish()
                device.now_ms = max(device.now_ms, self.work.end_ms)
            device.clock = _joined(device.clock, self.clock)

    def elapsed_ms(self, since):
        if not (self.timed and since.timed):
            raise DeviceError("an event that keeps no time")
        if self.work.run is not None:
            raise RaceError("the time is asked for before the event is over")
        return self.work.end_ms - since.work.end_ms


class FakeGraph:
    """See `Graph`."""

    def __init__(self, recording):
        self.recording = recording
        self.work = None
        self.freed = False

    def free(self):
        if self.work is not None and self.work.run is not None:
            raise RaceError("a graph is freed while it may run")
        self.freed = True


def _joined(first, second):
    return {
        actor: max(first.get(actor, 0), second.get(actor, 0)) for actor in first.keys() | second
    }


def _nothing():
    return None
