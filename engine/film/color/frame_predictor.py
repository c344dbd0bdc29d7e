"""The model's colour for a frame, turned upright for it and back, corrected by references."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...inference.backend import Backend
from ...inference.working_shape import working_shape
from ..media.film_info import FilmInfo
from .frame_view import FrameView
from .optical_flow import SMALLEST
from .reference_colors import ReferenceColors
from .scenes import Scene

# Motion is looked for at this part of the working size: finer costs more and steadies no better.
_MOTION_SHARE: Final = 6


class FramePredictor:
    """Asks a back end about frames of one film.

    Parameters
    ----------
    backend
        Runs the model.
    info
        Of the film: its turn, and the shape of its pixels.
    scenes
        In order, where a scene has a reference of its own.
    reference
        Of scenes without one of their own.

    Attributes
    ----------
    motion_height, motion_width
        The size at which motion is looked for, as the film is stored.

    Raises
    ------
    UsageError
        A reference cannot be read.
    """

    def __init__(
        self,
        backend: Backend,
        info: FilmInfo,
        *,
        scenes: Sequence[Scene] = (),
        reference: Path | None = None,
    ) -> None:
        self._backend = backend
        self._turns = info.quarter_turns
        swaps = info.quarter_turns % 2 == 1
        height, width = info.height, max(1, round(info.width * info.aspect))
        self._shape = working_shape(
            *((width, height) if swaps else (height, width)), backend.contract
        )
        self._stored_shape = self._shape[::-1] if swaps else self._shape
        self.motion_height, self.motion_width = (
            max(SMALLEST, side // _MOTION_SHARE) for side in self._stored_shape
        )
        self._starts = [scene.frame for scene in scenes]
        paths = [scene.reference or reference for scene in scenes]
        references = {
            path: ReferenceColors(path, self._infer, *self._shape)
            for path in {*paths, reference}
            if path is not None
        }
        self._references = [references.get(path) if path else None for path in (reference, *paths)]

    def ab_planes(self, view: FrameView, frame: int) -> NDArray[np.float32]:
        """(2, h, w) a*, b* of a frame as it is stored; raises BackendError.

        Parameters
        ----------
        view
            Of the frame.
        frame
            Its number: tells the scene.
        """
        l_plane = np.ascontiguousarray(np.rot90(view.l_plane(*self._stored_shape), self._turns))
        ab_planes = self._infer(l_plane)
        reference = self._references[bisect_right(self._starts, frame)]
        if reference is not None:
            ab_planes = reference.corrected(l_plane, ab_planes)
        return np.ascontiguousarray(np.rot90(ab_planes, -self._turns, axes=(1, 2)))

    def _infer(self, l_plane: NDArray[np.float32]) -> NDArray[np.float32]:
        ab_planes: NDArray[np.float32] = self._backend.infer(l_plane[np.newaxis, np.newaxis])[0]
        return ab_planes
