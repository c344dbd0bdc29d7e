"""The gate that every exported model passes: ONNX Runtime must give what PyTorch gives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from ...engine.inference.hints import HintPlanes
from ...engine.pictures.hint import Hint
from ...errors import ModelError
from ...training.models.network import ColorNetwork
from .onnx_on_cpu import ab_on_cpu

MAX_ERROR_AB: Final = 0.05
# (N, W / H) at the network's working area: one and several pictures, square, wide and tall.
SHAPES: Final = ((1, 1.0), (3, 16 / 9), (2, 1 / 3))


def check_parity(
    network: ColorNetwork,
    onnx_bytes: bytes,
    *,
    max_error_ab: float = MAX_ERROR_AB,
    shapes: Sequence[tuple[int, int, int]] = (),
) -> float:
    """Compare the two on made-up pictures of several shapes and batch sizes.

    Parameters
    ----------
    network
        In evaluation mode, with the weights that were exported.
    onnx_bytes
        Its export.
    max_error_ab
        The largest difference that passes, in ab units.
    shapes
        (N, H, W) of the pictures; by default several about the network's working area.

    Returns
    -------
    float
        The largest absolute difference found.

    Raises
    ------
    ModelError
        The model does not load, gives another shape, or differs by more than `max_error_ab`.
    """
    l_batches = [_pictures(*shape) for shape in shapes or parity_shapes(network)]
    hints = [_hints(each) for each in l_batches] if network.takes_hints else []
    errors_ab: list[float] = []
    for index, found in enumerate(ab_on_cpu(onnx_bytes, l_batches, hints)):
        l_batch = l_batches[index]
        inputs = [l_batch, *((hints[index].ab, hints[index].mask) if hints else ())]
        with torch.inference_mode():
            expected = network(*map(torch.from_numpy, inputs)).numpy()
        if found.shape != expected.shape:
            raise ModelError(
                f"export: expected ab of shape {expected.shape} for {l_batch.shape}, "
                f"got {found.shape}; export it again"
            )
        errors_ab.append(float(np.abs(found - expected).max()))
    worst = float(np.max(errors_ab))  # unlike max(), it never passes over a NaN
    if not worst <= max_error_ab:
        raise ModelError(
            f"export: the model differs from PyTorch by {worst:.3g} ab units, expected at most "
            f"{max_error_ab}; export it again with the pinned versions of torch and onnxscript"
        )
    return worst


def _hints(l_batch: NDArray[np.float32]) -> HintPlanes:
    """Give each picture of a batch three hints, the last picture none."""
    rng = np.random.default_rng(l_batch.size)
    count, _, height, width = l_batch.shape

    def hint() -> Hint:
        x, y, radius = rng.uniform(0, 1, 3) * (1, 1, 0.05)
        return Hint(x=x, y=y, color=f"#{rng.integers(1 << 24):06x}", radius=radius)

    hints = [[hint() for _ in range(3)] for _ in range(count - 1)] + [[]]
    return HintPlanes.of_hints(hints, height, width)


def parity_shapes(network: ColorNetwork, area: int = 0) -> list[tuple[int, int, int]]:
    """List (N, H, W) that the network takes, about an area in pixels; 0 is its working area."""
    multiple, area = network.working_multiple, area or network.working_area

    def side(pixels: float) -> int:
        return max(1, round(pixels / multiple)) * multiple

    return [
        (count, side((area / aspect) ** 0.5), side((area * aspect) ** 0.5))
        for count, aspect in SHAPES
    ]


def _pictures(count: int, height: int, width: int) -> NDArray[np.float32]:
    """(N, 1, H, W) L* in 0..100: gradients with waves of several lengths and some grain."""
    rng = np.random.default_rng(height * width + count)
    y, x = np.mgrid[:height, :width].astype(np.float32)
    pictures = []
    for _ in range(count):
        angle, length = rng.uniform(0, 2 * np.pi), rng.uniform(8, 64)
        wave = np.sin((x * np.cos(angle) + y * np.sin(angle)) * 2 * np.pi / length)
        slope = (x / width - y / height) * rng.uniform(-30, 30)
        grain = rng.normal(0, 3, (height, width))
        pictures.append(np.clip(50 + slope + 25 * wave + grain, 0, 100))
    return np.stack(pictures)[:, None].astype(np.float32)
