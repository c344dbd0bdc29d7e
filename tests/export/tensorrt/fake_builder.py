"""The building half of the three flavours' Python APIs, with just the names that each has.

Names were checked against the bindings of TensorRT 10.16 and 11.4 and of TensorRT for RTX 1.7.
"""

from __future__ import annotations

import enum
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType, SimpleNamespace

import pytest

VERSIONS = {"tensorrt": ("10.16.1.11", "11.4.0.106"), "tensorrt-rtx": ("1.7.1.116",)}


class FakeBuild:
    """What a test says of a build, and what came of it."""

    def __init__(self):
        self.plan = b"the plan"
        self.parse_error = None
        self.profile_error = None
        self.during = lambda: None  # called within the build
        self.steps = 3
        self.loads = False  # whether `deserialize_cuda_engine` succeeds
        self.refused_timing_cache = b""
        self.network_flags = None
        self.targets = []
        self.profile = None
        self.timing_cache = None
        self.monitor = None


def fake_flavor(monkeypatch: pytest.MonkeyPatch, name: str, version: str) -> FakeBuild:
    """Install a made-up flavour as the only one; its module knows nothing of the others' names."""
    build = FakeBuild()
    module = ModuleType({"tensorrt": "tensorrt", "tensorrt-rtx": "tensorrt_rtx_bindings"}[name])
    module.__spec__ = ModuleSpec(module.__name__, None)
    module.__version__ = version
    rtx = name == "tensorrt-rtx"

    class Severity(enum.IntEnum):
        INTERNAL_ERROR = 0
        ERROR = 1
        WARNING = 2

    class ILogger:
        pass

    ILogger.Severity = Severity

    class Logger:
        def __init__(self, severity):
            assert severity is Severity.INTERNAL_ERROR

    class IErrorRecorder:
        def __init__(self):
            self.made = True

    class ErrorCodeTRT(enum.Enum):
        UNSPECIFIED_ERROR = 1
        FAILED_ALLOCATION = 5

    def complain(recorder, text):
        recorder.report_error(ErrorCodeTRT.UNSPECIFIED_ERROR, text)

    class IProgressMonitor:
        def __init__(self):
            self.made = True

    class Layer:
        name, type, num_outputs = "conv", "CONVOLUTION", 1

        def get_output(self, index):
            return SimpleNamespace(dtype="HALF")

    class Config:
        def __init__(self):
            self.cache = None

        def add_optimization_profile(self, profile):
            build.profile = profile.shapes

    def set_compute_capability(self, target, index):
        assert index < self.num_compute_capabilities
        build.targets.append(target)
        return target is not ComputeCapability.SM121

    def create_timing_cache(self, cache_bytes):
        return SimpleNamespace(start=cache_bytes, serialize=lambda: b"measured")

    def set_timing_cache(self, cache, ignore_mismatch):
        assert ignore_mismatch is False
        if cache.start and cache.start == build.refused_timing_cache:
            return False
        build.timing_cache = cache.start
        self.cache = cache
        return True

    class ComputeCapability(enum.Enum):
        NONE = 0
        CURRENT = 1
        SM80 = 80
        SM89 = 89
        SM121 = 121

    if rtx:
        Config.set_compute_capability = set_compute_capability
        module.ComputeCapability = ComputeCapability
    else:
        Config.create_timing_cache = create_timing_cache
        Config.set_timing_cache = set_timing_cache
        Config.get_timing_cache = lambda self: self.cache

    class Profile:
        def set_shape(self, name, *shapes):
            if build.profile_error:
                raise ValueError(build.profile_error)
            self.shapes = (name, *shapes)

    class Builder:
        def __init__(self, logger):
            self.logger = logger

        def create_network(self, flags):
            build.network_flags = flags
            return SimpleNamespace(num_layers=1, get_layer=lambda index: Layer())

        def create_builder_config(self):
            return Config()

        def create_optimization_profile(self):
            return Profile()

        def build_serialized_network(self, network, config):
            monitor = build.monitor = config.progress_monitor
            assert monitor.made
            assert config.profiling_verbosity == "detailed"
            monitor.phase_start("Building engine", None, build.steps)
            for step in range(build.steps):
                build.during()
                if not monitor.step_complete("Building engine", step):
                    return None
            monitor.phase_finish("Building engine")
            if build.plan is None:
                complain(self.error_recorder, "no kernel was found\nfor it")
            return build.plan

    class OnnxParser:
        def __init__(self, network, logger):
            self.num_errors = int(bool(build.parse_error))

        def parse(self, onnx_bytes):
            build.onnx_bytes = onnx_bytes
            return build.parse_error is None

        def get_error(self, index):
            return SimpleNamespace(
                node_operator=lambda: "Resize",
                node_name=lambda: "node_7",
                desc=lambda: build.parse_error,
            )

    class Runtime:
        def __init__(self, logger):
            self.logger = logger

        def deserialize_cuda_engine(self, plan):
            if not build.loads:
                complain(self.error_recorder, "the driver is too old")
                return None
            inspector = SimpleNamespace(get_engine_information=lambda kind: f'["{kind}"]')
            return SimpleNamespace(create_engine_inspector=lambda: inspector)

    flags = {"EXPLICIT_BATCH": 0, "STRONGLY_TYPED": 1}
    if not version.startswith("10"):
        del flags["EXPLICIT_BATCH"]
    module.NetworkDefinitionCreationFlag = enum.IntEnum("NetworkDefinitionCreationFlag", flags)
    module.ILogger, module.Logger = ILogger, Logger
    module.IErrorRecorder, module.ErrorCodeTRT = IErrorRecorder, ErrorCodeTRT
    module.IProgressMonitor = IProgressMonitor
    module.ProfilingVerbosity = SimpleNamespace(DETAILED="detailed")
    module.LayerInformationFormat = SimpleNamespace(JSON="json")
    module.Builder, module.OnnxParser, module.Runtime = Builder, OnnxParser, Runtime
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(
        "colorize_batch.export.tensorrt.tensorrt_flavor.installed_flavors", lambda: (name,)
    )
    return build
