"""`pycuda.driver` 2026.1 as far as the engine uses it; copies happen at once, in host memory."""

from __future__ import annotations

import ctypes
import itertools
import threading
from types import SimpleNamespace

import numpy as np


class Error(Exception):
    pass


class MemoryError(Error):  # noqa: A001  # as PyCUDA names it
    pass


class LogicError(Error):
    pass


class FakePyCuda:
    """The module. Everything it gives out is counted until it is freed."""

    Error, MemoryError, LogicError = Error, MemoryError, LogicError
    event_flags = SimpleNamespace(DEFAULT=0, BLOCKING_SYNC=1, DISABLE_TIMING=2)

    def __init__(self, *, count=2, capability=(8, 9), init_error=None):
        self.capability = capability
        self.init_error = init_error
        self.limit_bytes = 1 << 20
        self.alive = 0
        self.failing = set()
        self.launched = []
        self.contexts = []
        self.threads = threading.local()
        module = self

        class Device:
            def __init__(self, ordinal):
                self.ordinal = ordinal

            @staticmethod
            def count():
                return count

            def name(self):
                return f"Card {self.ordinal}"

            def compute_capability(self):
                return module.capability

            def retain_primary_context(self):
                module.contexts.append(f"retain {self.ordinal}")
                return Context(self.ordinal)

        class Context:
            def __init__(self, ordinal):
                self.ordinal = ordinal

            def detach(self):
                assert module.stack()[-1] is self
                module.contexts.append(f"detach {self.ordinal}")
                module.stack().pop()

            def push(self):
                module.stack().append(self)

            @staticmethod
            def pop():
                if not module.stack():
                    raise LogicError("cannot pop non-current context")
                module.stack().pop()

        self.Device, self.Context = Device, Context
        self._handles = itertools.count(1000)

    def stack(self):
        if not hasattr(self.threads, "stack"):
            self.threads.stack = []
        return self.threads.stack

    def check(self, name):
        if not self.stack():
            raise LogicError(f"{name} failed: invalid device context")
        if name in self.failing:
            raise LogicError(f"{name} failed: an illegal memory access\nwas encountered")

    def init(self):
        if self.init_error:
            raise LogicError(self.init_error)

    def mem_alloc(self, nbytes):
        self.check("mem_alloc")
        if nbytes > self.limit_bytes:
            raise MemoryError("cuMemAlloc failed: out of memory")
        return Allocation(self, ctypes.create_string_buffer(nbytes))

    def pagelocked_empty(self, nbytes, dtype):
        self.check("pagelocked_empty")
        assert dtype is np.uint8
        allocation = Allocation(self, ctypes.create_string_buffer(nbytes))
        return np.asarray(allocation)

    def get_driver_version(self):
        return 13000

    def mem_get_info(self):
        self.check("mem_get_info")
        return 700, 1000

    def memcpy_htod_async(self, target, source, stream):
        self.check("memcpy_htod_async")
        assert isinstance(stream, FakeStream)
        ctypes.memmove(target, source.ctypes.data, source.nbytes)

    def memcpy_dtoh_async(self, target, source, stream):
        self.check("memcpy_dtoh_async")
        assert isinstance(stream, FakeStream)
        ctypes.memmove(target.ctypes.data, source, target.nbytes)

    def module_from_buffer(self, image):
        self.check("module_from_buffer")
        assert image == b"an image"
        return SimpleNamespace(get_function=self._function)

    def _function(self, name):
        def call(*arguments, grid, block, stream):
            assert all(isinstance(argument, np.number) for argument in arguments)
            self.launched.append((name, arguments, grid, block, stream.handle))

        return call

    def Stream(self, flags):  # noqa: N802  # as PyCUDA names it
        self.check("Stream")
        assert flags == 1
        return FakeStream(self, next(self._handles))

    def Event(self, flags):  # noqa: N802
        self.check("Event")
        return FakeEvent(self, flags)


class Allocation:
    def __init__(self, module, buffer):
        self.module, self.buffer = module, buffer
        module.alive += 1
        self.__array_interface__ = {
            "shape": (len(buffer),),
            "typestr": "|u1",
            "data": (ctypes.addressof(buffer), False),
            "version": 3,
        }

    def __int__(self):
        return ctypes.addressof(self.buffer)

    def free(self):
        self.module.check("free")
        self.module.alive -= 1


class FakeStream:
    def __init__(self, module, handle):
        self.module, self.handle = module, handle
        self.waited = []

    def wait_for_event(self, event):
        self.module.check("wait_for_event")
        self.waited.append(event)

    def synchronize(self):
        self.module.check("synchronize")


class FakeEvent:
    def __init__(self, module, flags):
        self.module, self.flags = module, flags
        self.stream = None

    def record(self, stream):
        self.module.check("record")
        self.stream = stream

    def synchronize(self):
        self.module.check("synchronize")

    def time_since(self, other):
        assert not (self.flags | other.flags) & 2
        return 2.5
