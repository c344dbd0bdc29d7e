"""What runs on the stand-in driver, a function a case: python -m tests.engine.inference.gpu.stub_cases NAME."""

from __future__ import annotations

import ctypes
import sys
import threading
import time

import numpy as np
import pytest

from colorize_batch.engine.inference.gpu.open_device import open_device
from colorize_batch.engine.inference.gpu.protocol import DeviceError, DeviceMemoryError
from colorize_batch.engine.inference.tensorrt.batch_ring import BatchRing
from colorize_batch.errors import BackendError
from colorize_batch.kernels import cpu
from colorize_batch.kernels.cuda.launches import Pixels, Planes, l_plane
from colorize_batch.kernels.cuda.layout import words_from_picture

STUB = ctypes.CDLL("libcuda.so.1")
LEFT = ("memory", "pinned", "stream", "event", "graph", "exec", "module")
HEIGHT, WIDTH, ROWS, COLUMNS = 37, 53, 8, 16
Twin = ctypes.CFUNCTYPE(None, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_void_p))


def count(what: str) -> int:
    return STUB.stub_count(what.encode())


def nothing_is_left() -> None:
    assert {what: count(what) for what in LEFT} == dict.fromkeys(LEFT, 0)


@Twin
def l_gray(_, where):
    """The CPU's kernel in the place of the GPU's, on the same layout."""

    def number(index, kind=ctypes.c_int32):
        return kind.from_address(where[index]).value

    height, width, picture = number(1), number(2), number(4)
    small = number(5), number(6)
    stride = 4 * -(-width // 4)
    source = (ctypes.c_uint8 * (height * stride)).from_address(number(0, ctypes.c_uint64))
    gray = np.frombuffer(source, np.uint8).reshape(height, stride)[:, :width]
    cells = small[0] * small[1]
    start = number(3, ctypes.c_uint64) + 4 * cells * picture
    floats = (ctypes.c_float * cells).from_address(start)
    plane = cpu.l_plane(np.ascontiguousarray(gray), *small)
    np.frombuffer(floats, np.float32)[:] = plane.ravel()


def facts_of_the_gpus():
    device = open_device(1)
    assert (device.ordinal, device.name, device.compute_capability) == (1, "Stub GPU 1", (8, 9))
    assert device.driver_version == 13000
    with device.current():
        before = device.memory_info()
        memory = device.allocate(1 << 20)
        assert before.free_bytes - device.memory_info().free_bytes >= 1 << 20
        assert memory.address % 256 == 0
        memory.free()
        memory.free()
    device.close()
    device.close()
    with pytest.raises(BackendError, match="--device cuda:2: there are 2 GPUs, counted from 0"):
        open_device(2)
    nothing_is_left()


def too_old():
    with pytest.raises(BackendError, match=r"expected compute capability 7\.5 .* got 7\.0"):
        open_device()
    nothing_is_left()


def bytes_go_around():
    values = np.random.default_rng(1).normal(size=4096).astype(np.float32)
    device = open_device()
    with device.current():
        up, down = device.pinned(values.nbytes), device.pinned(values.nbytes)
        first, second = device.allocate(values.nbytes), device.allocate(values.nbytes)
        there, back = device.stream(), device.stream()
        start, end, uploaded = device.event(timed=True), device.event(timed=True), device.event()
        up.put(values)
        there.record(start)
        there.upload(first, up, values.nbytes)
        there.copy(second.address, first.address, values.nbytes)
        there.record(uploaded)
        back.wait(uploaded)
        back.download(down, second, values.nbytes)
        back.record(end)
        end.synchronize()
        np.testing.assert_array_equal(down.taken(values.shape), values)
        assert end.elapsed_ms(start) >= 0
    device.close()
    nothing_is_left()


def memory_runs_out():
    device = open_device()
    with device.current():
        message = r"cuda:0 \(Stub GPU 0\): cuMemAlloc: CUDA_ERROR_OUT_OF_MEMORY"
        with pytest.raises(DeviceMemoryError, match=message):
            device.allocate(1 << 30)
    device.close()
    nothing_is_left()


def a_closed_device_is_no_use():
    device = open_device()
    with device.current():
        device.allocate(64), device.pinned(64), device.stream(), device.event()
    device.close()
    with pytest.raises(BackendError, match="the device is closed"), device.current():
        pass
    nothing_is_left()


def work_that_cannot_be_recorded():
    device = open_device()
    with device.current():
        stream = device.stream()
        with pytest.raises(DeviceError, match="CAPTURE"):
            stream.captured(lambda: device.allocate(64))
        memory, pinned = device.allocate(64), device.pinned(64)
        graph = stream.captured(lambda: stream.upload(memory, pinned, 64))  # it can go on
        stream.replay(graph)
        stream.synchronize()
    device.close()
    nothing_is_left()


class KernelProgram:
    """A kernel as the network; recorded on its second use, as `EngineProgram` does it."""

    def __init__(self, stream):
        self.stream = stream
        self.graphs = {}
        self.seen = set()

    def padded(self, shape):
        return shape

    def output_shape(self, shape):
        return (shape[0], 1, ROWS, COLUMNS)

    def queue(self, shape, source, target):
        key = source, target
        start = l_plane(
            Pixels(words=source, height=HEIGHT, width=WIDTH),
            Planes(floats=target, height=ROWS, width=COLUMNS),
        )
        if key in self.seen and key not in self.graphs:
            self.graphs[key] = self.stream.captured(lambda: self.stream.launch(start))
        if key in self.graphs:
            self.stream.replay(self.graphs[key])
        else:
            self.stream.launch(start)
        self.seen.add(key)

    def forget(self):
        self.graphs.clear()
        self.seen.clear()


def the_ring_runs_a_kernel():
    STUB.stub_kernel(b"l_gray", b"piipiiii", l_gray)
    pictures = np.random.default_rng(2).integers(0, 256, (12, HEIGHT, WIDTH), np.uint8)
    device = open_device()
    with device.current():
        compute = device.stream()
        ring = BatchRing(device, compute, KernelProgram(compute))
        under_way = []
        for number, picture in enumerate(pictures):
            words = words_from_picture(picture).view(np.float32).reshape(1, 1, 1, -1)
            under_way.append((picture, ring.submit(words)))
            if len(under_way) == 3 or number == len(pictures) - 1:
                for done, submitted in under_way:
                    got = ring.result(submitted)[0, 0]
                    np.testing.assert_array_equal(got, cpu.l_plane(done, ROWS, COLUMNS))
                under_way.clear()
    assert count("replay") > 3
    device.close()
    nothing_is_left()


def memory_that_runs_out_while_another_thread_records():
    """The ring goes on; before, the recording stream was waited for, which the driver refuses."""
    small, large = (1, 1, 8, 8), (1, 1, 64, 64)
    recording = threading.Event()
    device = open_device()

    class Copies:
        runs = 0

        def padded(self, shape):
            return shape

        def output_shape(self, shape):
            return (shape[0], 2, *shape[2:])

        def queue(self, shape, source, target):
            self.runs += 1
            nbytes = 4 * int(np.prod(shape))
            if self.runs != 2:
                compute.copy(target, source, nbytes)
                return

            def work():
                compute.copy(target, source, nbytes)
                recording.set()
                time.sleep(0.4)
                compute.copy(target, source, nbytes)

            compute.replay(compute.captured(work))

        def forget(self):
            pass

    def slow_pinned(nbytes):
        if nbytes < 10_000:
            return pinned(nbytes)
        recording.wait(5)
        time.sleep(0.1)
        raise DeviceMemoryError("pinned: out of memory")

    with device.current():
        compute = device.stream()
        ring = BatchRing(device, compute, Copies())
        ring.run(np.ones(small, np.float32))
    pinned, device.pinned = device.pinned, slow_pinned
    said = {}

    def run(name, shape):
        with device.current():
            try:
                ring.run(np.ones(shape, np.float32))
                said[name] = "fine"
            except BackendError as error:
                said[name] = str(error)

    threads = [
        threading.Thread(target=run, args=("large", large)),
        threading.Thread(target=run, args=("recorded", small)),
    ]
    threads[0].start()
    time.sleep(0.1)
    threads[1].start()
    for thread in threads:
        thread.join()
    run("next", small)
    assert said == {"large": "pinned: out of memory", "recorded": "fine", "next": "fine"}, said
    device.close()
    nothing_is_left()


if __name__ == "__main__":
    globals()[sys.argv[1]]()
