"""Where every pixel of a frame was in an earlier one, and where that can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .exposure import matched_exposure, surroundings
from .opencv import cv2

# Forward and backward flow must cancel within this many pixels; the second term grants fast motion
# more (Sundaram, Brox, Keutzer 2010, "Dense point trajectories by GPU-accelerated LDOF", eq. 5).
TOLERANCE: Final = 0.5
TOLERANCE_PER_PIXEL: Final = 0.05
# A place whose luma changed by more than this along its path shows another thing now: beside what is
# around it, and as a whole. Exposure that flickers, or fades towards the corners, changes the latter.
LUMA_TOLERANCE: Final = 20
LIGHT_TOLERANCE: Final = 40
# DIS needs as many pixels each way for its coarsest patches.
SMALLEST: Final = 16
# A third of the time of the preset's own 12 and 4, for a sixth more luma error along the path.
ITERATIONS: Final = 4
STRIDE: Final = 6


@dataclass(frozen=True, slots=True)
class Motion:
    """The way back from a frame to an earlier one.

    Parameters
    ----------
    back
        (h, w, 2) float32: displacement x, y to the earlier frame, pixels of this size.
    reliable_u8
        (h, w), 1 where both directions agree and luma does too but for exposure, else 0.
    """

    back: NDArray[np.float32]
    reliable_u8: NDArray[np.uint8]

    @property
    def reliable_share(self) -> float:
        """Share of all places whose flow is reliable, 0..1."""
        return float(cv2.mean(self.reliable_u8)[0])

    @property
    def speed(self) -> float:
        """Median length of the displacements, pixels."""
        return float(np.median(_length(self.back)))

    def reliable_at(self, height: int, width: int) -> NDArray[np.uint8]:
        """`reliable_u8` at another size."""
        return _resized(self.reliable_u8, height, width, cv2.INTER_NEAREST)

    def carried(self, planes: NDArray[np.float32]) -> NDArray[np.float32]:
        """(c, H, W) planes of the earlier frame, of any size, moved to this one."""
        height, width = planes.shape[1:]
        origin = _resized(self.back, height, width, cv2.INTER_LINEAR)
        cv2.scaleAdd(origin, width / self.back.shape[1], _grid(height, width), origin)
        moved = np.empty_like(planes)
        for plane, place in zip(planes, moved, strict=True):
            sampled(plane, origin, place)
        return moved


class OpticalFlow:
    """Dense motion between small frames by DIS (Kroeger et al. 2016), checked both ways."""

    def __init__(self) -> None:
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self._dis.setFinestScale(0)
        self._dis.setGradientDescentIterations(ITERATIONS)
        self._dis.setPatchStride(STRIDE)

    def motion(self, now_u8: NDArray[np.uint8], before_u8: NDArray[np.uint8]) -> Motion:
        """The motion between two frames.

        Parameters
        ----------
        now_u8, before_u8
            (h, w) luma of one size, at least `SMALLEST` each way.
        """
        matched = matched_exposure(before_u8, now_u8)
        matched_u8 = np.clip(matched + np.float32(0.5), 0, 255).astype(np.uint8)
        back = self._dis.calc(now_u8, matched_u8, None)
        forth = self._dis.calc(matched_u8, now_u8, None)
        origin = back + _grid(*now_u8.shape)
        closing = _length(back + sampled(forth, origin))
        allowed = TOLERANCE + TOLERANCE_PER_PIXEL * _length(back)
        change = now_u8.astype(np.float32) - sampled(matched, origin)
        light = surroundings(change)
        reliable = (
            (closing < allowed)
            & (np.abs(change - light) < LUMA_TOLERANCE)
            & (np.abs(light) < LIGHT_TOLERANCE)
        )
        return Motion(back, reliable.view(np.uint8))


def sampled(
    plane: NDArray[Any], origin: NDArray[np.float32], out: NDArray[Any] | None = None
) -> NDArray[Any]:
    """A plane read at (h, w, 2) places x, y, into `out` if given; edges are repeated."""
    moved: NDArray[Any] = cv2.remap(
        plane, origin, None, cv2.INTER_LINEAR, out, borderMode=cv2.BORDER_REPLICATE
    )
    return moved


def _length(flow: NDArray[np.float32]) -> NDArray[np.float32]:
    """|x| + |y| of every vector."""
    size: NDArray[np.float32] = np.abs(flow)
    return size[..., 0] + size[..., 1]


def _resized(plane: NDArray[Any], height: int, width: int, how: int) -> NDArray[Any]:
    resized: NDArray[Any] = cv2.resize(plane, (width, height), interpolation=how)
    return resized


@lru_cache(maxsize=8)
def _grid(height: int, width: int) -> NDArray[np.float32]:
    """(h, w, 2) x, y of every place; not to be written to."""
    columns = np.arange(width, dtype=np.float32)
    rows = np.arange(height, dtype=np.float32)
    return np.stack(np.broadcast_arrays(columns[None, :], rows[:, None]), axis=2)
