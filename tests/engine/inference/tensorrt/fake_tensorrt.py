"""TensorRT's Python API over `FakeDevice`: the network is a* = 20, b* = 0.4 L* - 20, at half size."""

from __future__ import annotations

import enum
from types import SimpleNamespace

import numpy as np

from colorize_batch.engine.inference.tensorrt.engine_file import EngineFile, EngineKey
from colorize_batch.engine.inference.tensorrt.tensorrt_backend import TensorRtBackend
from colorize_batch.engine.inference.tensorrt.tensorrt_library import TensorRtLibrary
from tests.conftest import TINY_CONTRACT

VERSION = "10.13.0"
PLAN = b"a plan"


class ILogger:
    class Severity(enum.IntEnum):
        INTERNAL_ERROR = 0
        ERROR = 1
        WARNING = 2


class Logger:
    def __init__(self, severity):
        assert severity is ILogger.Severity.INTERNAL_ERROR


class IErrorRecorder:
    def __init__(self):
        self.made = True


class ErrorCodeTRT(enum.Enum):
    UNSPECIFIED_ERROR = 1
    FAILED_ALLOCATION = 5


class Strategy(enum.Enum):
    STATIC = 0
    USER_MANAGED = 2


class FakeTensorRt:
    """The module `tensorrt`; with `rtx` it has what only TensorRT for RTX has."""

    __version__ = VERSION
    ILogger = ILogger
    Logger = Logger
    IErrorRecorder = IErrorRecorder
    ErrorCodeTRT = ErrorCodeTRT
    ExecutionContextAllocationStrategy = Strategy

    def __init__(self, device, *, rtx=False, batch_max=8):
        self.device = device
        self.batch_max = batch_max
        self.execute_errors = []  # one message for each execution that shall fail
        self.contexts = []
        self.workspace_bytes_each = 1000
        self.runtime_cache = None
        if rtx:
            self.CudaGraphStrategy = SimpleNamespace(WHOLE_GRAPH_CAPTURE="whole")

    def Runtime(self, logger):  # noqa: N802  # as TensorRT names it
        assert isinstance(logger, Logger)
        self.runtime = SimpleNamespace(deserialize_cuda_engine=self._deserialized)
        return self.runtime

    def complain(self, text, code=ErrorCodeTRT.UNSPECIFIED_ERROR):
        recorder = self.runtime.error_recorder
        assert recorder.made
        recorder.report_error(code, text)
        assert recorder.num_errors() == len(recorder.errors)
        assert recorder.get_error_desc(recorder.num_errors() - 1) == text

    def _deserialized(self, plan):
        if plan != PLAN:
            self.complain("magic number is wrong\nand more")
            return None
        return FakeEngine(self)


class FakeEngine:
    def __init__(self, module):
        self.module = module

    def create_execution_context(self, how):
        assert how is Strategy.USER_MANAGED or how.strategy is Strategy.USER_MANAGED
        context = FakeContext(self.module)
        self.module.contexts.append(context)
        return context

    def create_runtime_config(self):
        return FakeRuntimeConfig(self.module)

    def get_tensor_profile_shape(self, name, index):
        assert (name, index) == ("l_plane", 0)
        return [(1, 1, 16, 16), (4, 1, 64, 64), (self.module.batch_max, 1, 256, 256)]


class FakeRuntimeConfig:
    def __init__(self, module):
        self.module = module
        self.cuda_graph_strategy = None

    def set_execution_context_allocation_strategy(self, strategy):
        self.strategy = strategy

    def create_runtime_cache(self):
        return FakeRuntimeCache()

    def set_runtime_cache(self, cache):
        self.module.runtime_cache = cache


class FakeRuntimeCache:
    content = b"compiled"

    def deserialize(self, content):
        self.content = content + b" again"

    def serialize(self):
        return self.content


class FakeContext:
    def __init__(self, module):
        self.module = module
        self.addresses = {}
        self.shape = None
        self.workspace = None
        self.executions = 0

    def set_input_shape(self, name, shape):
        assert name == "l_plane"
        self.shape = shape
        count, _, height, width = shape
        fits = count <= self.module.batch_max and min(height, width) >= 16
        if not fits or max(height, width) > 256:
            self.module.complain("not in the profile")
            return False
        return True

    def get_tensor_shape(self, name):
        assert name == "ab_planes"
        count, _, height, width = self.shape
        return (count, 2, height // 2, width // 2)

    def set_tensor_address(self, name, address):
        self.addresses[name] = address
        return True

    def update_device_memory_size_for_shapes(self):
        return self.module.workspace_bytes_each * self.shape[0]

    def set_device_memory(self, address, size):
        assert size >= self.update_device_memory_size_for_shapes()
        self.workspace = address

    def execute_async_v3(self, handle):
        self.executions += 1
        if self.module.execute_errors:
            message = self.module.execute_errors.pop(0)
            self.module.complain(*message) if isinstance(message, tuple) else self.module.complain(
                message
            )
            return False
        device = self.module.device
        source = device.buffers[self.addresses["l_plane"]]
        target = device.buffers[self.addresses["ab_planes"]]
        workspace = device.buffers[self.workspace]
        shape, output_shape = self.shape, self.get_tensor_shape("ab_planes")

        def run():
            l_batch = floats(source, shape)
            floats(target, output_shape)[:] = rule(l_batch)

        device.streams[handle].compute(run, [source], [target, workspace])
        return True


def floats(memory, shape):
    """A view of the start of a fake buffer."""
    return memory.content[: 4 * int(np.prod(shape))].view(np.float32).reshape(shape)


def rule(l_batch):
    """What the network computes."""
    count, _, height, width = l_batch.shape
    small = l_batch.reshape(count, height // 2, 2, width // 2, 2).mean((2, 4))
    return np.stack([np.full_like(small, 20), 0.4 * small - 20], axis=1)


def engine_file(**changes):
    """An engine for the fake GPU."""
    values = {
        "onnx_sha256": "0" * 64,
        "precision": "fp16",
        "batch_max": 8,
        "working_min": (16, 16),
        "working_opt": (64, 64),
        "working_max": (256, 256),
        "flavor": "tensorrt",
        "flavor_version": VERSION,
        "device_name": "Fake GPU",
        "compute_capability": (8, 9),
    }
    plan = changes.pop("plan", PLAN)
    return EngineFile(key=EngineKey(**(values | changes)), contract=TINY_CONTRACT, plan=plan)


def library_of(module, monkeypatch):
    """`TensorRtLibrary` with the fake in the place of the bindings."""
    from colorize_batch.engine.inference.tensorrt import tensorrt_library

    with monkeypatch.context() as patch:
        patch.setattr(tensorrt_library, "import_module", lambda name: module)
        return TensorRtLibrary("tensorrt")


def backend_on(device, module, monkeypatch, tmp_path, *, notes=None, **changes):
    """The back end with an engine, over the fakes."""
    changes.setdefault("batch_max", module.batch_max)
    return TensorRtBackend(
        engine_file(**changes),
        tmp_path / "tiny.engine",
        library_of(module, monkeypatch),
        device,
        on_note=(notes if notes is not None else []).append,
    )
