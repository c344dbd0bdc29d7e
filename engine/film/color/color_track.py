"""The colour of a scene, carried along its motion from frame to frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .opencv import cv2
from .optical_flow import Motion, OpticalFlow

Predict: TypeAlias = Callable[[], NDArray[np.float32]]

# Mean change of luma, of 255, up to which a frame counts as the one before.
STILL: Final = 0.5
# A frame with less than this share of its places found in the one before starts a scene.
CUT: Final = 0.4
# The model looks again when new places amount to this many frames' worth, so many frames after its
# last look at the soonest.
UNSEEN: Final = 4.0
SOONEST: Final = 8
# Frames between two looks of the model otherwise: at the start of a scene, at least, at most. The
# distance doubles while the model agrees with what was carried (mean distance in a*, b*), and is
# halved where it does not.
FIRST_EVERY: Final = 24
LEAST_EVERY: Final = 24
MOST_EVERY: Final = 96
AGREES: Final = 4.0
DISAGREES: Final = 8.0
# Places without a past take the colour around them, in windows of so many places of the motion; the
# wide one counts little, and so only where the near one holds nothing. Not where such places are so
# few that the check itself may err.
NEAR: Final = (5, 5)
WIDE: Final = (15, 15)
WIDE_SHARE: Final = 0.01
NEARLY_ALL: Final = 0.99


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackState:
    """State that one frame leaves to the next.

    Parameters
    ----------
    ab_planes
        (2, h, w) a*, b* of the frame.
    anchor_u8
        (h, w) luma of the frame that `ab_planes` belong to; still frames share it.
    age
        Frames since the model looked.
    every
        Frames from that look to the next.
    unseen
        Frames' worth of new places since then.
    frame
        Number of the frame in the film.
    cuts
        Numbers of the frames that started a scene.
    looks
        How often the model looked so far.
    """

    ab_planes: NDArray[np.float32]
    anchor_u8: NDArray[np.uint8]
    age: int
    every: int
    unseen: float
    frame: int
    cuts: tuple[int, ...]
    looks: int


class ColorTrack:
    """Gives every frame its colour: carried from the frame before, or from the model.

    Carried colour cannot flicker. The model looks at the start of a scene, then every so many
    frames, sooner where much has come into view; its colour is mixed into what was carried, and
    replaces it where the past is unknown.

    Parameters
    ----------
    strength
        0..1, the part of a carried colour that stays when the model looks.
    every
        Frames from one look to the next; 0 adapts.
    cuts
        Frames that start a scene; None finds them.
    """

    def __init__(
        self, *, strength: float, every: int = 0, cuts: frozenset[int] | None = None
    ) -> None:
        self._flow = OpticalFlow()
        self._strength = strength
        self._every = every
        self._cuts = cuts

    def next(
        self, before: TrackState | None, small_u8: NDArray[np.uint8], predict: Predict
    ) -> TrackState:
        """The colour of the next frame.

        Parameters
        ----------
        before
            What the frame before left; None at the first.
        small_u8
            (h, w) luma of the frame, at least 16 each way.
        predict
            Asks the model for the frame's (2, h, w) a*, b*.
        """
        if before is None:
            return self._new_scene(None, small_u8, predict)
        if self._cuts is not None and before.frame + 1 in self._cuts:
            return self._new_scene(before, small_u8, predict)
        change = cv2.norm(small_u8, before.anchor_u8, cv2.NORM_L1) / small_u8.size
        if change < STILL and not (self._every and before.age + 1 >= self._every):
            return replace(before, age=before.age + 1, frame=before.frame + 1)
        motion = self._flow.motion(small_u8, before.anchor_u8)
        known = motion.reliable_share
        if known < CUT and self._cuts is None:
            return self._new_scene(before, small_u8, predict)
        state = replace(
            before,
            ab_planes=motion.carried(before.ab_planes),
            anchor_u8=small_u8,
            age=before.age + 1,
            unseen=before.unseen + 1 - known,
            frame=before.frame + 1,
        )
        if state.age >= state.every or (state.unseen > UNSEEN and state.age >= SOONEST):
            return self._look_again(state, motion, predict)
        if known > NEARLY_ALL:
            return state
        return replace(state, ab_planes=_filled(state.ab_planes, motion.reliable_u8))

    def _new_scene(
        self, before: TrackState | None, small_u8: NDArray[np.uint8], predict: Predict
    ) -> TrackState:
        frame, cuts, looks = (
            (0, (), 0) if before is None else (before.frame + 1, before.cuts, before.looks)
        )
        return TrackState(
            ab_planes=predict(),
            anchor_u8=small_u8,
            age=0,
            every=self._every or FIRST_EVERY,
            unseen=0.0,
            frame=frame,
            cuts=(*cuts, frame),
            looks=looks + 1,
        )

    def _look_again(self, state: TrackState, motion: Motion, predict: Predict) -> TrackState:
        ab_planes, carried = predict(), state.ab_planes
        reliable = motion.reliable_at(*carried.shape[1:]).astype(np.float32)
        every = state.every
        if not self._every:
            distance = np.hypot(*(ab_planes - carried)) * reliable
            disagreement = distance.sum() / max(reliable.sum(), 1)
            if disagreement < AGREES:
                every = min(2 * every, MOST_EVERY)
            elif disagreement > DISAGREES:
                every = max(every // 2, LEAST_EVERY)
        mixed = ab_planes + self._strength * reliable * (carried - ab_planes)
        return replace(
            state, ab_planes=mixed, age=0, every=every, unseen=0.0, looks=state.looks + 1
        )


def _filled(planes: NDArray[np.float32], reliable_u8: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Planes whose unreliable places take the mean of the reliable ones around them.

    The mean is taken at the size of `reliable_u8`, that of the motion.
    """
    height, width = planes.shape[1:]
    weight = reliable_u8.astype(np.float32)
    total = _around(weight)
    hole = cv2.resize(
        ((reliable_u8 == 0) & (total > 0)).view(np.uint8), (width, height),
        interpolation=cv2.INTER_NEAREST,
    )  # fmt: skip
    np.maximum(total, np.float32(1e-6), out=total)
    out = np.empty_like(planes)
    for plane, filled in zip(planes, out, strict=True):
        small = cv2.resize(plane, weight.shape[::-1], interpolation=cv2.INTER_AREA)
        around = _around(small * weight) / total
        filled[:] = plane
        cv2.copyTo(cv2.resize(around, (width, height)), hole, filled)
    return out


def _around(places: NDArray[np.float32]) -> NDArray[np.float32]:
    mean: NDArray[np.float32] = cv2.scaleAdd(
        cv2.blur(places, WIDE), WIDE_SHARE, cv2.blur(places, NEAR)
    )
    return mean
