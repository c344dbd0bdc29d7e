"""What tells TensorRT 10, TensorRT 11 and TensorRT for RTX apart when an engine is built."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from ...engine.inference.tensorrt.supported_gpus import serving_flavor
from ...engine.inference.tensorrt.tensorrt_library import (
    MODULES,
    TensorRtLibrary,
    installed_flavors,
)
from ...errors import BackendError, MissingDependencyError, UsageError
from .build_progress import BuildProgress

AUTO: Final = "auto"
_TARGET: Final = re.compile(r"sm_(\d{2,3})")


class TensorRtFlavor:
    """One installed flavour.

    All build strongly typed networks, in which FP16 comes from the ONNX file's types alone.

    ====================  ==================  ==================  ==================
    flavour               tensorrt 10         tensorrt 11         tensorrt-rtx
    ====================  ==================  ==================  ==================
    strong types          requested           always              always
    built                 on the GPU          on the GPU          anywhere, for targets
    timing cache          yes                 yes                 none (it times nothing)
    compiled kernels      in the plan         in the plan         made on first use
    ====================  ==================  ==================  ==================

    Parameters
    ----------
    name
        "tensorrt", "tensorrt-rtx", or "auto": the first of these that is installed and serves the GPU.
    gpu
        Name and compute capability of the GPU to build for; None builds without one.

    Attributes
    ----------
    name, version : str

    Raises
    ------
    MissingDependencyError
        It is not installed, or none is.
    UsageError
        There is no such flavour.
    BackendError
        It does not serve the GPU.
    """

    def __init__(self, name: str = AUTO, gpu: tuple[str, tuple[int, int]] | None = None) -> None:
        if name not in (AUTO, *MODULES):
            raise UsageError(f"--flavor {name}: expected {AUTO}, {' or '.join(MODULES)}")
        installed = installed_flavors()
        if name == AUTO and not installed:
            raise MissingDependencyError(
                f"building an engine needs {' or '.join(MODULES)}; pip install "
                "'colorize-batch[tensorrt]' for data-centre GPUs, 'colorize-batch[rtx]' for RTX cards"
            )
        wanted = installed if name == AUTO else (name,)
        self.name = wanted[0] if gpu is None else serving_flavor(wanted, *gpu)
        self._library = TensorRtLibrary(self.name)
        self._trt = self._library.module
        self.version = self._library.version

    @property
    def takes_targets(self) -> bool:
        """Whether it builds for architectures that are named, on a machine with no GPU."""
        return hasattr(self._trt, "ComputeCapability")

    @property
    def has_timing_cache(self) -> bool:
        """Whether it measures kernels on the GPU, and can keep what it measured."""
        return not self.takes_targets

    def targets(self) -> tuple[str, ...]:
        """Name the architectures that it builds for without a GPU, as "sm_80"."""
        if not self.takes_targets:
            return ()
        names = (str(name) for name in self._trt.ComputeCapability.__members__)
        return tuple(f"sm_{name[2:]}" for name in names if name.startswith("SM"))

    def check_targets(self, targets: Sequence[str]) -> None:
        """Refuse architectures that it does not build for.

        Raises
        ------
        UsageError
            One is unknown, or named twice, or this flavour takes none.
        """
        if targets and not self.takes_targets:
            raise UsageError(
                f"--target: {self.name} builds for the GPU at hand; leave it out, "
                "or use --flavor tensorrt-rtx"
            )
        if unknown := [target for target in targets if target not in self.targets()]:
            raise UsageError(f"--target {unknown[0]}: expected {', '.join(self.targets())}")
        if len(set(targets)) < len(targets):
            raise UsageError("--target: an architecture is named twice")

    def target_of(self, compute_capability: tuple[int, int]) -> tuple[str, ...]:
        """The target of a GPU; none where it knows no such name, which means all it can."""
        named = "sm_{}{}".format(*compute_capability)
        return (named,) if named in self.targets() else ()

    def builder(self) -> Any:
        """Return a new `Builder`; raises BackendError."""
        self._library.forget_errors()
        builder = self._trt.Builder(self._library.logger)
        if builder is None:
            raise BackendError(f"{self.name}: no builder: {self.last_error()}")
        return builder

    def serialized_network(self, builder: Any, network: Any, config: Any) -> Any:
        """Build; None where it failed, and `last_error` says why.

        Errors are recorded from here on only: a network that is made by a builder with a recorder
        crashes when it is destroyed (TensorRT for RTX 1.7).
        """
        self._library.watch(builder)
        self._library.forget_errors()
        return builder.build_serialized_network(network, config)

    def network(self, builder: Any) -> Any:
        """Return a new strongly typed network, with explicit batch.

        From TensorRT 10 on batches are explicit without a flag, which 11 no longer has.
        """
        flags = self._trt.NetworkDefinitionCreationFlag
        strong = getattr(flags, "STRONGLY_TYPED", None)
        return builder.create_network(0 if strong is None else 1 << int(strong))

    def parser(self, network: Any) -> Any:
        """Return a new `OnnxParser`."""
        return self._trt.OnnxParser(network, self._library.logger)

    def config(self, builder: Any, targets: Sequence[str], progress: BuildProgress) -> Any:
        """Return a new `IBuilderConfig`, with details for the inspector kept in the plan."""
        config = builder.create_builder_config()
        config.profiling_verbosity = self._trt.ProfilingVerbosity.DETAILED
        config.progress_monitor = _monitor(self._trt, progress)
        if targets:
            config.num_compute_capabilities = len(targets)
            for index, target in enumerate(targets):
                matched = _TARGET.fullmatch(target)
                name = f"SM{matched[1]}" if matched else target
                if not config.set_compute_capability(
                    getattr(self._trt.ComputeCapability, name), index
                ):
                    raise BackendError(f"{self.name}: no target {target}: {self.last_error()}")
        return config

    def use_timing_cache(self, config: Any, cache_bytes: bytes) -> None:
        """Start from what an earlier build measured; b"" starts afresh.

        A cache of another GPU or version is not taken, and made anew.
        """
        if not self.has_timing_cache:
            return
        cache = config.create_timing_cache(cache_bytes)
        if cache is None or not config.set_timing_cache(cache, False):
            config.set_timing_cache(config.create_timing_cache(b""), False)
        self.last_error()

    def timing_cache(self, config: Any) -> bytes:
        """Return what was measured, for the next build; b"" where nothing is."""
        cache = config.get_timing_cache() if self.has_timing_cache else None
        return b"" if cache is None else bytes(cache.serialize())

    def layers_json(self, plan: bytes) -> str:
        """The layers of a built engine as its inspector tells them, in JSON.

        Raises
        ------
        BackendError
            The engine cannot be loaded here.
        """
        runtime = self._library.watch(self._trt.Runtime(self._library.logger))
        self._library.forget_errors()
        engine = runtime.deserialize_cuda_engine(plan)
        if engine is None:
            raise BackendError(
                f"{self.name} does not load the engine here: {self.last_error()}; "
                "inspect it on a machine with its GPU"
            )
        json_format = self._trt.LayerInformationFormat.JSON
        layers: str = engine.create_engine_inspector().get_engine_information(json_format)
        return layers

    def last_error(self) -> str:
        """Complaints of TensorRT since the last call, in one line."""
        return self._library.last_error()


def _monitor(trt: Any, progress: BuildProgress) -> Any:
    """A monitor of the flavour's own class that passes everything on."""

    class Monitor(trt.IProgressMonitor):  # type: ignore[misc]  # of a module chosen at run time
        def __init__(self) -> None:
            trt.IProgressMonitor.__init__(self)

        def phase_start(self, phase_name: str, parent_phase: str | None, num_steps: int) -> None:
            progress.started(phase_name, parent_phase, num_steps)

        def step_complete(self, phase_name: str, step: int) -> bool:
            del step  # counted by `progress`
            return progress.stepped(phase_name)

        def phase_finish(self, phase_name: str) -> None:
            progress.finished(phase_name)

    return Monitor()
