"""The device over PyCUDA: what it asks for, how it ends, and what is said where there is no GPU."""

from __future__ import annotations

import gc
import importlib.util
import threading

import numpy as np
import pytest

from colorize_batch.engine.inference.gpu import pycuda_device, pycuda_session
from colorize_batch.engine.inference.gpu.protocol import DeviceError, DeviceMemoryError
from colorize_batch.engine.inference.gpu.pycuda_device import PyCudaDevice
from colorize_batch.errors import BackendError, MissingDependencyError
from colorize_batch.kernels.cuda.launches import Launch
from colorize_batch.kernels.cuda.module import ModuleImage
from tests.engine.inference.gpu.fake_pycuda import FakePyCuda


@pytest.fixture
def use(monkeypatch):
    """Puts a fake in the place of PyCUDA."""
    monkeypatch.setattr(pycuda_session, "_CONTEXTS", {})

    def use(module):
        def importing(name):
            assert name == "pycuda.driver"
            if isinstance(module, BaseException):
                raise module
            return module

        monkeypatch.setattr(pycuda_session, "import_module", importing)
        return module

    return use


@pytest.fixture
def module(use):
    return use(FakePyCuda())


def test_it_knows_its_gpu(module):
    device = PyCudaDevice(1)
    assert (device.ordinal, device.name, device.compute_capability) == (1, "Card 1", (8, 9))
    with device.current():
        info = device.memory_info()
        assert (info.free_bytes, info.total_bytes) == (700, 1000)
    device.close()


def test_bytes_go_there_and_back(module):
    device = PyCudaDevice()
    with device.current():
        up, down = device.pinned(4000), device.pinned(400)
        memory, stream = device.allocate(4000), device.stream()
        values = np.arange(60, dtype=np.float32).reshape(3, 4, 5)
        up.put(values[:, ::2])
        stream.upload(memory, up, 120)
        stream.download(down, memory, 120)
        stream.synchronize()
        np.testing.assert_array_equal(down.taken((3, 2, 5)), values[:, ::2])
        assert (up.nbytes, memory.nbytes) == (4000, 4000)
    device.close()


def test_events_order_streams_and_keep_time_where_asked(module):
    device = PyCudaDevice()
    with device.current():
        first, second = device.stream(), device.stream()
        assert first.handle != second.handle
        plain, start, end = device.event(), device.event(timed=True), device.event(timed=True)
        # Blocking, so that no core spins; without a clock where none is needed.
        assert [event.event.flags for event in (plain, start, end)] == [3, 1, 1]
        first.record(plain)
        second.wait(plain)
        assert plain.event.stream is first._stream
        assert second._stream.waited == [plain.event]
        plain.synchronize()
        assert end.elapsed_ms(start) == 2.5
    device.close()


def test_kernels_are_loaded_once_and_started_on_the_stream(module, monkeypatch):
    image = ModuleImage(image=b"an image", origin="fatbin")
    monkeypatch.setattr(pycuda_device, "module_image", lambda capability: image)
    device = PyCudaDevice()
    with device.current():
        memory, stream = device.allocate(64), device.stream()
        launch = Launch(
            kernel="merge",
            grid=(2, 3, 1),
            block=(128, 1, 1),
            arguments=(memory.address, np.int32(-5), np.float32(1.5)),
        )
        stream.launch(launch)
        stream.launch(launch)
    assert len(module.launched) == 2
    name, arguments, grid, block, handle = module.launched[0]
    assert (name, grid, block, handle) == ("merge", (2, 3, 1), (128, 1, 1), stream.handle)
    assert [argument.dtype for argument in arguments] == [np.uintp, np.int32, np.float32]
    assert arguments[0] == memory.address
    device.close()


def test_closing_frees_what_is_left(module):
    device = PyCudaDevice()
    with device.current():
        kept = [device.allocate(10), device.pinned(10), device.stream(), device.event()]
        early = device.allocate(10)
        early.free()
        early.free()
    assert module.alive == 2
    device.close()
    device.close()
    assert module.alive == 0
    kept[0].free()
    with pytest.raises(BackendError, match="the device is closed"), device.current():
        pass


def test_what_is_still_open_at_exit_is_closed(module):
    device = PyCudaDevice()
    with device.current():
        memory = device.allocate(10)
    pycuda_device._close_all()
    assert (module.alive, memory._allocation) == (0, None)


def test_the_shared_context_is_retained_once_and_let_go_last(module):
    for ordinal in (0, 1, 0):
        PyCudaDevice(ordinal).close()
    assert module.contexts == ["retain 0", "retain 1"]
    pycuda_session._release_contexts()
    assert module.contexts[2:] == ["detach 1", "detach 0"]
    pycuda_session._release_contexts()
    assert len(module.contexts) == 4


def test_a_forgotten_device_is_not_kept(module):
    count = len(pycuda_device._OPEN)
    PyCudaDevice()
    gc.collect()
    assert len(pycuda_device._OPEN) == count


def test_threads_push_and_pop_whatever_happens(module):
    device = PyCudaDevice()
    depths = []

    def work():
        try:
            with device.current(), device.current():
                depths.append(len(module.stack()))
                raise KeyError
        except KeyError:
            depths.append(len(module.stack()))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert depths == [2, 0]
    assert not module.stack()
    device.close()


def test_errors_of_the_driver_are_ours_in_one_line(module):
    device = PyCudaDevice()
    with device.current():
        with pytest.raises(DeviceMemoryError, match=r"^cuda:0 \(Card 0\): cuMemAlloc failed: out"):
            device.allocate(2 << 20)
        stream, event = device.stream(), device.event()
        memory, pinned = device.allocate(8), device.pinned(8)
        calls = {
            "memcpy_htod_async": lambda: stream.upload(memory, pinned, 8),
            "memcpy_dtoh_async": lambda: stream.download(pinned, memory, 8),
            "record": lambda: stream.record(event),
            "wait_for_event": lambda: stream.wait(event),
            "synchronize": stream.synchronize,
            "mem_get_info": device.memory_info,
            "pagelocked_empty": lambda: device.pinned(8),
            "Stream": device.stream,
            "Event": device.event,
        }
        for name, call in calls.items():
            module.failing = {name}
            with pytest.raises(DeviceError, match=rf"^cuda:0 \(Card 0\): {name} .* access$"):
                call()
        # The context is dead: closing must not complain.
        module.failing = {"free"}
    device.close()


def test_use_without_the_context_is_an_error(module):
    device = PyCudaDevice()
    with pytest.raises(DeviceError, match="invalid device context"):
        device.stream()
    device.close()


@pytest.mark.parametrize(
    ("found", "error", "message"),
    [
        (
            ModuleNotFoundError("No module named 'pycuda'", name="pycuda"),
            MissingDependencyError,
            r"needs 'pycuda'; pip install 'colorize-batch\[pycuda\]'",
        ),
        (
            ImportError("libcuda.so.1: cannot open shared object file"),
            BackendError,
            "expected an NVIDIA driver, got none; install version 580",
        ),
        (
            ImportError("libcurand.so.10: cannot open shared object file"),
            MissingDependencyError,
            "'pycuda' does not load: libcurand.so.10",
        ),
        (
            FakePyCuda(init_error="cuInit failed: no CUDA-capable device is detected"),
            BackendError,
            "a GPU that the NVIDIA driver can use: cuInit failed: no CUDA-capable device",
        ),
        (FakePyCuda(count=1), BackendError, "--device cuda:3: there is only cuda:0"),
        (FakePyCuda(count=2), BackendError, "--device cuda:3: there are 2 GPUs, counted from 0"),
        (
            FakePyCuda(count=4, capability=(7, 0)),
            BackendError,
            (
                r"cuda:3 \(Card 3\): expected compute capability 7.5 \(Turing\) or newer, got 7.0; "
                "choose another GPU with --device cuda:N, or --device cpu"
            ),
        ),
    ],
)
def test_why_there_is_no_device(use, found, error, message):
    use(found)
    with pytest.raises(error, match=message) as caught:
        PyCudaDevice(3)
    assert "\n" not in str(caught.value)


def test_an_error_within_pycuda_passes_as_it_is(use):
    use(ModuleNotFoundError("No module named 'pytools'", name="pytools"))
    with pytest.raises(ModuleNotFoundError, match="pytools"):
        PyCudaDevice()


def test_this_machine_says_what_it_lacks():
    if importlib.util.find_spec("pycuda") is not None:
        pytest.skip("PyCUDA is installed here")
    with pytest.raises(MissingDependencyError, match="needs 'pycuda'"):
        PyCudaDevice()
