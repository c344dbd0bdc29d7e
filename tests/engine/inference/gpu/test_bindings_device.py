"""The device layer over cuda-bindings: contexts, capture and lifetimes, on a stand-in driver."""

from __future__ import annotations

import subprocess
import sys

import pytest

from colorize_batch.engine.inference.gpu import bindings_session
from colorize_batch.engine.inference.gpu.bindings_device import BindingsDevice
from colorize_batch.engine.inference.gpu.open_device import open_device
from colorize_batch.errors import BackendError, MissingDependencyError, UsageError
from tests.engine.inference.gpu.stub_driver import run_on_stub


@pytest.mark.parametrize(
    ("case", "settings"),
    [
        ("facts_of_the_gpus", {"DEVICES": 2, "CC": "8.9"}),
        ("too_old", {"CC": "7.0"}),
        ("bytes_go_around", {}),
        ("memory_runs_out", {"MEMORY": 1 << 20}),
        ("a_closed_device_is_no_use", {}),
        ("the_ring_runs_a_kernel", {}),
        ("memory_that_runs_out_while_another_thread_records", {}),
    ],
)
def test_on_the_stand_in_driver(case, settings, tmp_path):
    assert run_on_stub(case, tmp_path, **settings) == ""


def test_a_recording_that_fails_leaves_the_stream_usable(tmp_path):
    misuses = run_on_stub("work_that_cannot_be_recorded", tmp_path)
    assert "cuMemAlloc while a stream is captured" in misuses


@pytest.mark.parametrize(
    ("failure", "error", "message"),
    [
        (
            ModuleNotFoundError("No module named 'cuda'", name="cuda"),
            MissingDependencyError,
            r"needs 'cuda-bindings'; pip install 'colorize-batch\[tensorrt\]'",
        ),
        (
            ModuleNotFoundError("No module named 'numpy'", name="numpy"),
            ModuleNotFoundError,
            "numpy",
        ),
    ],
)
def test_what_is_not_installed_is_named(monkeypatch, failure, error, message):
    def refuse(name):
        raise failure

    monkeypatch.setattr(bindings_session, "import_module", refuse)
    with pytest.raises(error, match=message):
        BindingsDevice()


class NoLibcuda:
    @staticmethod
    def cuInit(flags):  # noqa: N802  # the driver's name
        raise RuntimeError("Failure finding libcuda.so.1")


def test_a_machine_without_a_driver(monkeypatch):
    monkeypatch.setattr(bindings_session, "import_module", lambda name: NoLibcuda)
    with pytest.raises(BackendError, match="expected an NVIDIA driver, got none"):
        BindingsDevice()


def test_the_layer_can_be_chosen(monkeypatch):
    monkeypatch.setenv("COLORIZE_CUDA_LAYER", "cupy")
    with pytest.raises(UsageError, match="expected cuda-bindings or pycuda"):
        open_device()
    monkeypatch.setenv("COLORIZE_CUDA_LAYER", "pycuda")
    code = (
        "import sys; sys.modules['pycuda'] = None\n"
        "from colorize_batch.engine.inference.gpu.open_device import open_device\n"
        "try: open_device()\n"
        "except Exception as error: print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "MissingDependencyError COLORIZE_CUDA_LAYER=pycuda needs 'pycuda'" in done.stdout
