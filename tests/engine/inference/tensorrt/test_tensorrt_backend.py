"""The TensorRT back end over a fake GPU and a fake TensorRT; refusals by the real one if it is here."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from colorize_batch.engine.batch.job import Job, Status
from colorize_batch.engine.batch.runner_options import RunnerOptions
from colorize_batch.engine.batch.streaming_runner import StreamingRunner
from colorize_batch.engine.inference.gpu.protocol import DeviceError, DeviceMemoryError
from colorize_batch.engine.inference.open_backend import open_backend
from colorize_batch.engine.inference.tensorrt import tensorrt_backend as tensorrt_module
from colorize_batch.engine.inference.tensorrt.engine_file import write_engine_file
from colorize_batch.engine.inference.tensorrt.tensorrt_library import (
    TensorRtLibrary,
    installed_flavors,
)
from colorize_batch.errors import BackendError, MissingDependencyError, ModelError, UsageError
from tests.conftest import TINY_CONTRACT
from tests.engine.inference.gpu.fake_device import MS, FakeDevice
from tests.engine.inference.tensorrt.fake_tensorrt import (
    ErrorCodeTRT,
    FakeContext,
    FakeTensorRt,
    backend_on,
    engine_file,
    rule,
)


@pytest.fixture
def device():
    return FakeDevice()


@pytest.fixture
def make(monkeypatch, tmp_path):
    """Makes a back end on a fake device; `make.notes` has what it said."""

    def make(device, *, module=None, **changes):
        module = module or FakeTensorRt(device)
        return backend_on(device, module, monkeypatch, tmp_path, notes=make.notes, **changes)

    make.notes = []
    return make


def noise(count, height=32, width=48, seed=3):
    random = np.random.default_rng(seed)
    return random.uniform(0, 100, (count, 1, height, width)).astype(np.float32)


def graphs_of(device):
    return [name for name, _ in device.log].count("captured")


def test_it_computes_and_says_what_it_is(make, device):
    backend = make(device, batch_max=4)
    assert backend.contract == TINY_CONTRACT
    assert backend.device == "cuda:0"
    assert backend.callers == 3
    assert backend.preferred_batch_size == 4
    l_batch = noise(3)
    np.testing.assert_array_equal(backend.infer(l_batch), rule(l_batch))
    assert backend.busy_seconds == pytest.approx((MS["compute"] / 1e3,))
    backend.close()
    backend.close()
    assert device.closed
    with pytest.raises(BackendError, match="closed"):
        backend.infer(l_batch)


def test_more_than_the_engine_takes_goes_in_parts(make, device):
    backend = make(device)
    l_batch = noise(19)
    np.testing.assert_array_equal(backend.infer(l_batch), rule(l_batch))
    assert [name for name, _ in device.log].count("compute") == 3


def test_batches_are_padded_so_that_few_contexts_serve_all(make, device):
    module = FakeTensorRt(device)
    backend = make(device, module=module)
    for count in (1, 2, 3, 4, 5, 6, 7, 8) * 4:
        l_batch = noise(count, seed=count)
        np.testing.assert_array_equal(backend.infer(l_batch), rule(l_batch))
    batches = {context.shape[0] for context in module.contexts[1:]}
    assert batches == {1, 2, 4, 8}


def test_a_context_runs_once_then_is_recorded_then_replayed(make, device):
    module = FakeTensorRt(device)
    backend = make(device, module=module)
    for seed in range(3 * 4):
        l_batch = noise(2, seed=seed)
        np.testing.assert_array_equal(backend.infer(l_batch), rule(l_batch))
    prober, *contexts = module.contexts
    assert prober.executions == 0
    assert len(contexts) == 1  # all slots share it
    assert contexts[0].executions == 2  # one of them recorded
    assert graphs_of(device) == 1


def test_contexts_are_kept_within_bounds(make, device):
    backend = make(device)
    program = backend._ring._program
    program._capacity = 7
    shapes = [(16 * rows, 16 * columns) for rows in range(1, 5) for columns in range(1, 6)]
    for turn in range(2):
        for height, width in shapes:
            for _ in range(3):
                l_batch = noise(1, height, width, seed=turn)
                np.testing.assert_array_equal(backend.infer(l_batch), rule(l_batch))
    assert len(program._captured) == 7


def test_the_workspace_grows_with_what_contexts_need(make, device):
    module = FakeTensorRt(device)
    backend = make(device, module=module)
    for count in (1, 8, 1, 4, 8):
        l_batch = noise(count)
        np.testing.assert_array_equal(backend.infer(l_batch), rule(l_batch))
    # From the first batch on there is room for full ones, and for aspects that need a little more.
    workspace = backend._ring._program._memory.workspace
    assert workspace.nbytes == 1.25 * 8 * module.workspace_bytes_each
    assert len(module.contexts) == 1 + 3


def test_shared_memory_that_is_too_much_for_full_batches_fits_the_batch(make):
    device = FakeDevice(memory_bytes=50_000)
    backend = make(device)
    l_batch = noise(1)
    np.testing.assert_array_equal(backend.infer(l_batch), rule(l_batch))
    assert backend._ring._program._memory.input.nbytes == l_batch.nbytes
    assert make.notes == []


def test_nothing_is_freed_while_it_is_under_way(make, device):
    backend = make(device)
    same = noise(2)
    for _ in range(9):  # recorded in all three slots
        backend.infer(same)
    program, ring = backend._ring._program, backend._ring
    program._capacity = 1
    small, large = noise(1, 16, 16), noise(8, 64, 64)
    with device.current():
        # A replayed graph, then two contexts that push it out, the last on a larger workspace.
        under_way = [ring.submit(l_batch) for l_batch in (same, small, large)]
        for submitted, l_batch in zip(under_way, (same, small, large), strict=True):
            np.testing.assert_array_equal(ring.result(submitted), rule(l_batch))
    assert len(program._captured) == 1


def test_a_larger_workspace_waits_for_what_runs_on_the_smaller(make, device):
    backend = make(device)
    small, large = noise(1, 16, 16), noise(8, 64, 64)
    with device.current():
        under_way = [backend._ring.submit(l_batch) for l_batch in (small, large)]
        for submitted, l_batch in zip(under_way, (small, large), strict=True):
            np.testing.assert_array_equal(backend._ring.result(submitted), rule(l_batch))


def test_backing_off_waits_for_other_batches(make, device):
    backend = make(device)
    l_batch = noise(2)
    with device.current():
        submitted = backend._ring.submit(l_batch)
        backend._ring.forget()
        np.testing.assert_array_equal(backend._ring.result(submitted), rule(l_batch))
    assert device.used_bytes == 0


def test_graphs_that_cannot_be_had_are_given_up_and_said_once(make, device):
    backend = make(device)
    device.failures["captured"] = DeviceError("CUDA graph: not permitted")
    for seed in range(12):
        l_batch = noise(2, seed=seed)
        np.testing.assert_array_equal(backend.infer(l_batch), rule(l_batch))
    assert make.notes == [
        "cuda:0: going on without CUDA graphs, which is slower: CUDA graph: not permitted"
    ]


def test_rtx_records_itself_and_keeps_its_kernels(make, device, tmp_path):
    module = FakeTensorRt(device, rtx=True)
    backend = make(device, module=module)
    for seed in range(12):
        l_batch = noise(2, seed=seed)
        np.testing.assert_array_equal(backend.infer(l_batch), rule(l_batch))
    assert graphs_of(device) == 0
    assert backend._engine._settings.cuda_graph_strategy == "whole"
    backend.close()
    kernels = tmp_path / "tiny.kernels"
    assert kernels.read_bytes() == b"compiled"
    make(FakeDevice(), module=FakeTensorRt(device, rtx=True)).close()
    assert kernels.read_bytes() == b"compiled again"


def test_it_backs_off_when_memory_runs_out_and_says_so_once(make):
    l_batch = noise(8)
    # Room for the buffers and workspace of two pictures in each slot, not for those of four.
    small = FakeDevice(memory_bytes=3 * 2 * 32 * 48 * 4 * 2 + 2 * 1000)
    backend = make(small)
    for _ in range(4):
        np.testing.assert_array_equal(backend.infer(l_batch), rule(l_batch))
    assert make.notes == ["cuda:0: not enough memory; going on with batches of 2"]


@pytest.mark.parametrize(
    "error", ["Cuda Runtime (out of memory)", ("no room", ErrorCodeTRT.FAILED_ALLOCATION)]
)
def test_what_tensorrt_calls_out_of_memory_is_that_too(make, device, error):
    module = FakeTensorRt(device)
    backend = make(device, module=module)
    module.execute_errors += [error]
    l_batch = noise(8)
    np.testing.assert_array_equal(backend.infer(l_batch), rule(l_batch))
    assert make.notes == ["cuda:0: not enough memory; going on with batches of 4"]


def test_an_earlier_complaint_does_not_explain_a_later_failure(make, device):
    module = FakeTensorRt(device)
    backend = make(device, module=module)
    module.complain("out of memory", ErrorCodeTRT.FAILED_ALLOCATION)
    module.execute_errors += ["an illegal instruction"]
    with pytest.raises(DeviceError, match="TensorRT failed: an illegal instruction"):
        backend.infer(noise(8))


def test_no_room_for_a_single_picture(make):
    backend = make(FakeDevice(memory_bytes=1000))
    with pytest.raises(DeviceMemoryError, match="for one picture .* --device cpu"):
        backend.infer(noise(8))
    backend.close()


def test_callers_that_run_out_of_memory_together_halve_once(make):
    small = FakeDevice(memory_bytes=3 * 4 * 32 * 48 * 4 * 2)
    backend = make(small)
    l_batch = noise(8)
    right = []

    def call():
        right.extend(np.array_equal(backend.infer(l_batch), rule(l_batch)) for _ in range(5))

    threads = [threading.Thread(target=call) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert right == [True] * 15
    assert backend._most in (1, 2, 4)  # 1 if all found the memory of all others in use
    assert 1 <= len(make.notes) <= 2


@pytest.mark.parametrize("shape", [(2, 3, 32, 32), (0, 1, 32, 32), (1, 32, 32)])
def test_no_batch_of_lightness(make, device, shape):
    with pytest.raises(BackendError, match=r"expected a batch of \(N, 1, H, W\)"):
        make(device).infer(np.zeros(shape, np.float32))


def test_a_shape_outside_of_the_engine(make, device):
    with pytest.raises(BackendError, match=r"\(1, 1, 16, 16\) to \(8, 1, 256, 256\), got"):
        make(device).infer(noise(1, 8, 300))


def test_a_buffer_that_tensorrt_does_not_take(make, device, monkeypatch):
    backend = make(device)
    monkeypatch.setattr(FakeContext, "set_tensor_address", lambda *_: False)
    with pytest.raises(DeviceError, match="does not take the buffer of l_plane"):
        backend.infer(noise(1))


def test_a_failed_execution_says_why(make, device):
    module = FakeTensorRt(device)
    backend = make(device, module=module)
    module.execute_errors += ["an illegal memory access\nwas encountered"]
    with pytest.raises(DeviceError, match=r"^TensorRT failed: an illegal memory access$"):
        backend.infer(noise(1))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"plan": b"another"},
            "TensorRT refuses it: magic number is wrong; update the driver, or build",
        ),
        ({"flavor_version": "10.9.0"}, "built by tensorrt 10.9.0, but 10.13.0 is installed"),
        ({"device_name": "NVIDIA L4"}, "built for NVIDIA L4, but cuda:0 is Fake GPU"),
        ({"compute_capability": (7, 5)}, "built for Fake GPU, but cuda:0"),
    ],
)
def test_foreign_engines_are_refused_and_the_gpu_let_go(make, device, changes, message):
    with pytest.raises(ModelError, match=message):
        make(device, **changes)
    assert device.closed


def test_an_engine_for_any_gpu_is_taken(make, device):
    make(device, device_name=None, compute_capability=None, targets=("sm_89",)).close()


def test_pictures_through_the_runner(make, device, tmp_path, write_pictures):
    backend = make(device)
    jobs = [Job(path, tmp_path / "out" / path.name) for path in write_pictures(tmp_path / "in", 30)]
    outcomes = list(StreamingRunner(backend, RunnerOptions(batch_size=3)).run(jobs))
    assert {outcome.status for outcome in outcomes} == {Status.DONE}
    backend.close()
    assert device.used_bytes == 0


@pytest.fixture
def engine_path(tmp_path):
    path = tmp_path / "tiny.engine"
    write_engine_file(path, engine_file())
    return path


def test_it_is_opened_by_its_suffix(engine_path, device, monkeypatch):
    module = FakeTensorRt(device)
    monkeypatch.setattr(
        "colorize_batch.engine.inference.tensorrt.tensorrt_library.import_module",
        lambda name: module,
    )
    monkeypatch.setattr(tensorrt_module, "open_device", FakeDevice)
    for name, expected in (("auto", "cuda:0"), ("cuda:1", "cuda:1"), ("cuda:2,0", "cuda:2,0")):
        backend = open_backend(engine_path, device=name)
        assert backend.device == expected
        backend.close()
    with pytest.raises(UsageError, match=r"--device cpu: .*tiny\.engine runs on cuda only"):
        open_backend(engine_path, device="cpu")


def test_damaged_and_missing_engines(engine_path, tmp_path):
    engine_path.write_bytes(engine_path.read_bytes()[:-1])
    with pytest.raises(ModelError, match="colorize-export engine"):
        open_backend(engine_path, device="cuda")
    with pytest.raises(ModelError, match="cannot read it"):
        open_backend(tmp_path / "no.engine", device="cuda")
    with pytest.raises(ModelError, match=r"a model's file, \.onnx or \.engine"):
        open_backend(tmp_path / "model.pt", device="cuda")


def test_integers_are_not_what_it_takes(tmp_path):
    path = tmp_path / "bytes.engine"
    write_engine_file(path, replace(engine_file(), input_dtype="uint8"))
    with pytest.raises(ModelError, match="expected float32 in and out, got uint8 and float32"):
        open_backend(path, device="cuda")


@pytest.mark.parametrize("error", [ModuleNotFoundError, ImportError])
def test_what_is_not_installed_is_named(engine_path, monkeypatch, error):
    def refuse(name):
        raise error(f"libnvinfer.so.10: cannot open {name}", name=name)

    monkeypatch.setattr(
        "colorize_batch.engine.inference.tensorrt.tensorrt_library.import_module", refuse
    )
    with pytest.raises(MissingDependencyError, match=r"'tensorrt'; pip .*\[tensorrt\]'"):
        open_backend(engine_path, device="cuda")


@pytest.mark.skipif("tensorrt-rtx" not in installed_flavors(), reason="no TensorRT for RTX here")
def test_the_real_library_refuses_what_is_no_plan(device, tmp_path):
    library = TensorRtLibrary("tensorrt-rtx")
    file = engine_file(
        flavor="tensorrt-rtx",
        flavor_version=library.version,
        plan=b"no plan" * 1000,
    )
    with pytest.raises(ModelError, match="TensorRT refuses it: it is damaged; build it again"):
        tensorrt_module.TensorRtBackend(
            file, tmp_path / "x.engine", library, device, on_note=[].append
        )
    assert device.closed
