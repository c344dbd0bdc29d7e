"""Specification of an engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from ...engine.inference.contract import ModelContract
from ...engine.inference.tensorrt.engine_file import PRECISIONS, EngineKey
from ...engine.inference.working_shape import allowed_shapes, working_shape
from ...errors import UsageError
from ..parity.color_difference import ParityBounds
from .tensorrt_flavor import AUTO, TensorRtFlavor

MAX_BATCH = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSpec:
    """Specification of a build, and of the difference that is allowed.

    Parameters
    ----------
    precision
        "fp16" or "fp32".
    batch_max
        The largest batch, 1..256, which it is tuned for.
    flavor
        "tensorrt", "tensorrt-rtx" or "auto".
    gpu
        Number of the GPU to build for, as the driver counts; None builds without one.
    targets
        Architectures to build for without a GPU, as "sm_80"; none is all that the flavour takes by
        default.
    bounds
        Of the difference from float32 on ONNX Runtime.
    beyond_bounds
        Build even if it differs by more.
    photos
        A folder of pictures to compare on, in place of the own ones.

    Raises
    ------
    UsageError
        A value is out of its range, or targets are named beside a GPU.
    """

    precision: str = "fp16"
    batch_max: int = 32
    flavor: str = AUTO
    gpu: int | None = None
    targets: tuple[str, ...] = ()
    bounds: ParityBounds = field(default_factory=ParityBounds)
    beyond_bounds: bool = False
    photos: Path | None = None

    def __post_init__(self) -> None:
        if self.precision not in PRECISIONS:
            raise UsageError(f"--precision {self.precision}: expected {' or '.join(PRECISIONS)}")
        if not 1 <= self.batch_max <= MAX_BATCH:
            raise UsageError(f"--batch-max {self.batch_max}: expected 1..{MAX_BATCH}")
        if self.targets and self.gpu is not None:
            raise UsageError("--target builds without a GPU: leave out either it or the device")

    def key(
        self,
        onnx_sha256: str,
        contract: ModelContract,
        flavor: TensorRtFlavor,
        gpu: tuple[str, tuple[int, int]] | None,
    ) -> EngineKey:
        """All that the engine will depend on.

        Parameters
        ----------
        onnx_sha256
            Hex digest of the model.
        contract
            Of the model; it says the working shapes.
        flavor
            That builds.
        gpu
            Its name and compute capability, or None.

        Raises
        ------
        UsageError
            The flavour does not build for a target, or not without a GPU.
        """
        flavor.check_targets(self.targets)
        if gpu is None and not flavor.takes_targets:
            raise UsageError(
                f"{flavor.name} builds on the GPU that it builds for: name it with --device cuda, "
                "or use --flavor tensorrt-rtx"
            )
        heights, widths = zip(*allowed_shapes(contract), strict=True)
        return EngineKey(
            onnx_sha256=onnx_sha256,
            precision=self.precision,
            batch_max=self.batch_max,
            working_min=(min(heights), min(widths)),
            # The aspect of most photographs, lying.
            working_opt=working_shape(3, 4, contract),
            working_max=(max(heights), max(widths)),
            flavor=flavor.name,
            flavor_version=flavor.version,
            device_name=None if gpu is None else gpu[0],
            compute_capability=None if gpu is None else gpu[1],
            targets=self.targets if gpu is None else flavor.target_of(gpu[1]),
        )
