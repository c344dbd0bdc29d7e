"""What only a GPU can prove: copies, events, graphs and kernels through the device; the ring on it."""

from __future__ import annotations

import os
import threading

import numpy as np
import pytest

from colorize_batch.engine.inference.gpu.open_device import open_device
from colorize_batch.engine.inference.tensorrt.batch_ring import BatchRing
from colorize_batch.errors import BackendError, MissingDependencyError
from colorize_batch.kernels import cpu
from colorize_batch.kernels.cuda.launches import Pixels, Planes, l_plane
from colorize_batch.kernels.cuda.layout import words_from_picture


@pytest.fixture(scope="module")
def device():
    """The first GPU; skipped without one, failed under COLORIZE_REQUIRE_CUDA=1."""
    try:
        device = open_device()
    except (BackendError, MissingDependencyError) as error:
        if os.environ.get("COLORIZE_REQUIRE_CUDA") == "1":
            pytest.fail(f"COLORIZE_REQUIRE_CUDA=1, but {error}")
        pytest.skip(str(error))
    yield device
    device.close()


def test_bytes_go_around_and_events_tell_the_time(device):
    values = np.random.default_rng(1).normal(size=1 << 20).astype(np.float32)
    with device.current():
        free_bytes = device.memory_info().free_bytes
        up, down, memory = (
            device.pinned(values.nbytes),
            device.pinned(values.nbytes),
            device.allocate(values.nbytes),
        )
        assert device.memory_info().free_bytes < free_bytes
        first, second = device.stream(), device.stream()
        start, end, uploaded = device.event(timed=True), device.event(timed=True), device.event()
        up.put(values)
        first.record(start)
        first.upload(memory, up, values.nbytes)
        first.record(uploaded)
        second.wait(uploaded)
        second.download(down, memory, values.nbytes)
        second.record(end)
        end.synchronize()
        np.testing.assert_array_equal(down.taken(values.shape), values)
        assert 0 < end.elapsed_ms(start) < 1000


def test_a_kernel_on_a_stream_and_as_a_graph(device):
    gray = np.random.default_rng(2).integers(0, 256, (301, 403)).astype(np.uint8)
    words = words_from_picture(gray)
    with device.current():
        up, down = device.pinned(words.nbytes), device.pinned(4 * 64 * 96)
        source, planes = device.allocate(words.nbytes), device.allocate(4 * 64 * 96)
        stream = device.stream()
        launch = l_plane(
            Pixels(words=source.address, height=301, width=403),
            Planes(floats=planes.address, height=64, width=96),
        )
        expected = cpu.l_plane(gray, 64, 96)

        def go(start):
            up.put(words)
            stream.upload(source, up, words.nbytes)
            start()
            stream.download(down, planes, 4 * 64 * 96)
            stream.synchronize()
            np.testing.assert_allclose(down.taken((64, 96)), expected, atol=2e-3)

        go(lambda: stream.launch(launch))
        graph = stream.captured(lambda: stream.launch(launch))
        if graph is None:
            pytest.skip("cuda-bindings is not installed")
        gray = 255 - gray
        words, expected = words_from_picture(gray), cpu.l_plane(gray, 64, 96)
        go(lambda: stream.replay(graph))


class Copying:
    """A program for the ring: the kernel that takes a gray picture to its L* plane, same size."""

    def __init__(self, stream):
        self.stream = stream

    def padded(self, shape):
        return shape

    def output_shape(self, shape):
        return (shape[0], 1, 32, 64)

    def queue(self, shape, input_address, output_address):
        source = Pixels(words=input_address, height=128, width=256)
        self.stream.launch(l_plane(source, Planes(floats=output_address, height=32, width=64)))

    def forget(self):
        pass


def test_the_ring_under_several_threads(device):
    random = np.random.default_rng(3)
    pictures = random.integers(0, 256, (60, 128, 256)).astype(np.uint8)
    with device.current():
        stream = device.stream()
        ring = BatchRing(device, stream, Copying(stream))
    results = {}

    def call(start):
        with device.current():
            for number in range(start, len(pictures), 3):
                words = words_from_picture(pictures[number]).view(np.float32)
                results[number] = ring.run(words.reshape(1, 1, 128, 64))[0, 0]

    threads = [threading.Thread(target=call, args=(start,)) for start in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, picture in enumerate(pictures):
        np.testing.assert_allclose(results[number], cpu.l_plane(picture, 32, 64), atol=2e-3)
    assert ring.busy_seconds > 0
