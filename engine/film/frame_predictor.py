"""The model's colour for a frame, turned upright for it and back."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..backends.backend import Backend
from ..working_shape import working_shape
from .film_info import FilmInfo
from .frame_view import FrameView
from .optical_flow import SMALLEST

# Motion is looked for at this part of the working size: finer costs more and steadies no better.
_MOTION_SHARE: Final = 4


class FramePredictor:
    """Asks a back end about frames of one film.

    Parameters
    ----------
    backend
        Runs the model.
    info
        Of the film: its turn, and the shape of its pixels.

    Attributes
    ----------
    motion_height, motion_width
        The size at which motion is looked for, as the film is stored.
    """

    def __init__(self, backend: Backend, info: FilmInfo) -> None:
        self._backend = backend
        self._turns = info.quarter_turns
        self._swaps = info.quarter_turns % 2 == 1
        height, width = info.height, max(1, round(info.width * info.aspect))
        upright = (width, height) if self._swaps else (height, width)
        shape = working_shape(*upright, backend.contract)
        self._stored_shape = shape[::-1] if self._swaps else shape
        self.motion_height, self.motion_width = (
            max(SMALLEST, side // _MOTION_SHARE) for side in self._stored_shape
        )

    def ab_planes(self, view: FrameView) -> NDArray[np.float32]:
        """(2, h, w) a*, b* of a frame as it is stored; raises BackendError."""
        l_plane = np.rot90(view.l_plane(*self._stored_shape), self._turns)
        l_batch = np.ascontiguousarray(l_plane)[np.newaxis, np.newaxis]
        upright = self._backend.infer(l_batch)[0]
        return np.ascontiguousarray(np.rot90(upright, -self._turns, axes=(1, 2)))
