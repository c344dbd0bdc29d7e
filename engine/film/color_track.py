"""The colour of a scene, carried along its motion from frame to frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .opencv import cv2
from .optical_flow import Motion, OpticalFlow

STILL: Final = 0.5
CUT: Final = 0.4
UNSEEN: Final = 0.15
MIN_EVERY: Final = 6
MAX_EVERY: Final = 48


class ColorTrack:
    def __init__(self, *, strength=0.7, every=0):
        self._flow = OpticalFlow()
        self.strength, self.every = strength, every
        self._ab = None
        self.inferred = 0
        self.cuts = []
        self.n = -1
        self.interval = every or 12

    def ab_planes(self, small_u8, predict):
        self.n += 1
        if self._ab is None:
            return self._restart(small_u8, predict)
        self._age += 1
        change = cv2.norm(small_u8, self._anchor, cv2.NORM_L1) / small_u8.size
        if change < STILL:
            if self._age < 2*self.interval: return self._ab
            motion = None
            warped = self._ab
        else:
            motion = self._flow.motion(small_u8, self._anchor)
            share = motion.reliable_share
            if share < CUT:
                self.cuts.append(self.n)
                return self._restart(small_u8, predict)
            self._unseen += 1 - share
            warped = motion.carried(self._ab)
        if self._age >= self.interval or self._unseen > UNSEEN:
            net = predict(); self.inferred += 1
            ok = motion.reliable_at(*net.shape[1:]) if motion is not None else np.ones(net.shape[1:], np.uint8)
            gain = 1 - self.strength * ok.astype(np.float32)
            if self.every == 0:
                dis = np.hypot(*(net-warped))[ok>0].mean()
                self.dis = dis
                self.interval = min(max(self.interval*2 if dis<2.0 else self.interval//2 if dis>4 else self.interval, MIN_EVERY), MAX_EVERY)
            warped = warped + gain * (net - warped)
            self._age = 0; self._unseen = 0
        elif motion is not None and share < 0.999:
            warped = filled(warped, motion.reliable_at(*warped.shape[1:]))
        self._anchor, self._ab = small_u8, warped
        return warped

    def _restart(self, small_u8, predict):
        self.inferred += 1
        self._anchor, self._ab = small_u8, predict()
        self._age = 0; self._unseen = 0; self.interval = self.every or 12
        return self._ab

def filled(planes, reliable_u8):
    w = reliable_u8.astype(np.float32)
    k = (15, 15)
    norm = cv2.blur(w, k) + 1e-3
    out = planes.copy()
    hole = reliable_u8 == 0
    for p in out:
        f = cv2.blur(p * w, k) / norm
        p[hole] = f[hole]
    return out
