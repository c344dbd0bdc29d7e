"""The colour of a scene, carried along its motion from frame to frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..film_options import CUT_SHARE
from .agreement import agreement
from .exposure import contrast, correlation
from .filled import filled
from .opencv import cv2
from .optical_flow import Motion, OpticalFlow
from .track_state import RECENT, TrackState

# Whether a scene begins -> a*, b*
Predict: TypeAlias = Callable[[bool], NDArray[np.float32]]

# Mean change of luma, of 255, up to which a frame counts as the one before.
STILL: Final = 0.5
# Where two frames correlate less than this place by place, so much more of their places must be found
# again for one scene. (True cuts: -0.2 to 0.25; fast pans: from 0.55 on.)
UNRELATED: Final = 0.4
CUT_IF_UNRELATED: Final = 1.5
# At most so many frames later this share, and so much more than in the frame before, is found in what
# was before such a frame, or one of which less than a cut's share and a half was found: a flash.
FLASH: Final = 4
AS_BEFORE: Final = 0.4
BETTER: Final = 0.1
# The model looks again when new places amount to this many frames' worth, so many frames after its
# last look at the soonest.
UNSEEN: Final = 4.0
SOONEST: Final = 8
# Likewise where it shows so much else than what its colour was predicted from, which is looked at every
# so many frames: a dissolve.
CHANGED: Final = 0.35
COMPARED_EVERY: Final = 4
# In a fade it looks as soon as the picture has so many times the contrast that it had when its colour
# was predicted, so many frames after its last look at the soonest.
MORE_CONTRAST: Final = 1.2
SOONEST_IN_FADE: Final = 3
# A scene of which only this part is left is another: what a dissolve comes to. A change that takes
# more than about so many frames, or comes with motion of more than this share of the longer side a
# frame, is none.
LEFT: Final = 0.5
DISSOLVE: Final = 60
MOVES: Final = 0.003
# What is carried counts by this power of the contrast it was predicted at, of the present one, and
# between these two degrees of likeness to what it was predicted from, from not at all to in full.
CONTRAST_POWER: Final = 6
UNLIKE: Final = 0.4
ALIKE: Final = 0.8
# It counts by this power of its mean chroma in that of what the model says now, if it has less; where
# it has less than this part of it, the model looks again as at the start of a scene.
PALENESS_POWER: Final = 4
PALE: Final = 0.7
LEAST_CHROMA: Final = 1.0
# Frames between two looks of the model otherwise: at the start of a scene and after a look in a fade,
# at least, at most. The distance doubles up to the least, and on while the model agrees with what was
# carried (mean distance in a*, b*), and is halved where it does not.
FIRST_EVERY: Final = 8
LEAST_EVERY: Final = 24
MOST_EVERY: Final = 96
AGREES: Final = 4.0
DISAGREES: Final = 8.0
# Places without a past take the colour around them, but where such places are so few that the check
# itself may err.
NEARLY_ALL: Final = 0.99


class ColorTrack:
    """Gives every frame its colour: carried from the frame before, or from the model.

    Carried colour cannot flicker. The model looks at the start of a scene, then every so many
    frames, sooner where much has come into view, where a picture has become better visible than
    when its colour was predicted, and where it shows something else by now. Its colour is mixed
    into what was carried, which counts by how well it was founded: by the contrast of the frame in
    which it was predicted, and by how alike that frame and this one are.

    Parameters
    ----------
    strength
        0..1, the part of a carried colour that stays when the model looks.
    every
        Frames from one look to the next; 0 adapts.
    cuts
        Frames that start a scene; None finds them.
    cut_share
        A frame with less than this share of its places found in the one before starts a scene.
    """

    def __init__(
        self,
        *,
        strength: float,
        every: int = 0,
        cuts: frozenset[int] | None = None,
        cut_share: float = CUT_SHARE,
    ) -> None:
        self._flow = OpticalFlow()
        self._strength = strength
        self._every = every
        self._cuts = cuts
        self._cut_share = cut_share

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
            Asks the model for the frame's (2, h, w) a*, b*; is given whether a scene begins with it.
        """
        if before is None:
            return self._new_scene(None, small_u8, predict)
        if self._cuts is not None and before.frame + 1 in self._cuts:
            return self._new_scene(before, small_u8, predict)
        change = cv2.norm(small_u8, before.anchor_u8, cv2.NORM_L1) / small_u8.size
        if change < STILL and not (self._every and before.age + 1 >= self._every):
            return replace(before, age=before.age + 1, frame=before.frame + 1)
        motion = self._flow.motion(small_u8, before.anchor_u8)
        if before.interrupted is not None:
            before, motion = self._without_flash(before, small_u8, motion)
        known = motion.reliable_share
        if self._cuts is None and self._is_cut(known, small_u8, before.anchor_u8):
            return self._new_scene(before, small_u8, predict)
        state = self._carried(before, small_u8, motion)
        if known < CUT_IF_UNRELATED * self._cut_share and state.interrupted is None:
            state = replace(state, interrupted=before)
        if self._is_clearer(state):
            state = replace(state, every=FIRST_EVERY // 2)
            return self._look_again(state, motion, agreement(state.seen, small_u8), predict)
        is_due = state.age >= state.every or (state.unseen > UNSEEN and state.age >= SOONEST)
        if is_due or (state.age >= SOONEST and state.age % COMPARED_EVERY == 0):
            alike = agreement(state.seen, small_u8)
            reliable = motion.reliable_u8.astype(np.float32)
            changed = 1 - float((alike * reliable).sum() / max(reliable.sum(), 1))
            if changed > CHANGED and motion.speed < MOVES * max(small_u8.shape):
                state = replace(state, left=state.left * (1 - changed))
            if state.left < LEFT and self._cuts is None and self._cut_share:
                return self._new_scene(state, small_u8, predict, at=state.frame)
            if is_due or (changed > CHANGED and not self._every):
                return self._look_again(state, motion, alike, predict)
        if known > NEARLY_ALL:
            return state
        return replace(state, ab_planes=filled(state.ab_planes, motion.reliable_u8))

    def _is_cut(
        self, known: float, now_u8: NDArray[np.uint8], before_u8: NDArray[np.uint8]
    ) -> bool:
        if known >= CUT_IF_UNRELATED * self._cut_share:
            return False
        return known < self._cut_share or correlation(now_u8, before_u8) < UNRELATED

    def _without_flash(
        self, before: TrackState, small_u8: NDArray[np.uint8], motion: Motion
    ) -> tuple[TrackState, Motion]:
        """What goes on in a frame: the one before, or what that one interrupted."""
        past = before.interrupted
        assert past is not None
        frames = before.frame - past.frame
        motion_from_past = self._flow.motion(small_u8, past.anchor_u8)
        known = motion_from_past.reliable_share
        if known >= max(AS_BEFORE, motion.reliable_share + BETTER):
            gone_on = replace(past, frame=before.frame, age=past.age + frames, looks=before.looks)
            return gone_on, motion_from_past
        return (replace(before, interrupted=None) if frames >= FLASH else before), motion

    def _carried(
        self, before: TrackState, small_u8: NDArray[np.uint8], motion: Motion
    ) -> TrackState:
        moved = motion.carried(np.stack([before.seen, before.evidence]))
        return replace(
            before,
            ab_planes=motion.carried(before.ab_planes),
            anchor_u8=small_u8,
            seen=moved[0],
            evidence=moved[1] * motion.reliable_u8,
            contrasts=(*before.contrasts, contrast(small_u8))[-RECENT:],
            left=before.left + (1 - before.left) / DISSOLVE,
            age=before.age + 1,
            unseen=before.unseen + 1 - motion.reliable_share,
            frame=before.frame + 1,
        )

    def _is_clearer(self, state: TrackState) -> bool:
        """Whether much more can be seen than when the colour was predicted."""
        if self._every or state.age < SOONEST_IN_FADE:
            return False
        founded = state.evidence[state.evidence > 0]
        return founded.size > 0 and state.visible > MORE_CONTRAST * float(founded.mean())

    def _new_scene(
        self,
        before: TrackState | None,
        small_u8: NDArray[np.uint8],
        predict: Predict,
        at: int | None = None,
    ) -> TrackState:
        frame, looks, past = 0, 0, None
        cuts: tuple[int, ...] = ()
        if before is not None:
            frame = before.frame + 1 if at is None else at
            cuts, looks = before.cuts, before.looks
            past = before.interrupted or before if at is None and self._cuts is None else None
        seen = small_u8.astype(np.float32)
        visible = contrast(small_u8)
        return TrackState(
            ab_planes=predict(True),
            anchor_u8=small_u8,
            seen=seen,
            evidence=np.full_like(seen, visible),
            contrasts=(visible,),
            left=1.0,
            age=0,
            every=self._every or FIRST_EVERY,
            unseen=0.0,
            frame=frame,
            cuts=(*cuts, frame),
            looks=looks + 1,
            interrupted=None if past is None else replace(past, interrupted=None),
        )

    def _look_again(
        self,
        state: TrackState,
        motion: Motion,
        alike: NDArray[np.float32],
        predict: Predict,
    ) -> TrackState:
        ab_planes, carried = predict(False), state.ab_planes
        visible = state.visible
        founded = np.clip(state.evidence / max(visible, 1e-3), 0, 1) ** CONTRAST_POWER
        founded *= np.clip((alike - UNLIKE) / (ALIKE - UNLIKE), 0, 1)
        height, width = carried.shape[1:]
        weight = cv2.resize(founded, (width, height), interpolation=cv2.INTER_LINEAR)
        weight *= motion.reliable_at(height, width)
        # Gray is what a model says of what it does not see well: colour is taken over sooner than lost.
        paleness = _mean_chroma(carried) / max(_mean_chroma(ab_planes), LEAST_CHROMA)
        weight *= min(1.0, paleness) ** PALENESS_POWER
        every = state.every
        if not self._every:
            distance = np.hypot(*(ab_planes - carried)) * weight
            disagreement = distance.sum() / max(weight.sum(), 1)
            if paleness < PALE:
                every = FIRST_EVERY
            elif every < LEAST_EVERY:
                every = min(2 * every, LEAST_EVERY)
            elif disagreement < AGREES:
                every = min(2 * every, MOST_EVERY)
            elif disagreement > DISAGREES:
                every = max(every // 2, LEAST_EVERY)
        seen = state.anchor_u8.astype(np.float32)
        return replace(
            state,
            ab_planes=ab_planes + self._strength * weight * (carried - ab_planes),
            seen=seen,
            evidence=np.full_like(seen, visible),
            age=0,
            every=every,
            unseen=0.0,
            looks=state.looks + 1,
        )


def _mean_chroma(ab_planes: NDArray[np.float32]) -> float:
    return float(np.hypot(*ab_planes).mean())
