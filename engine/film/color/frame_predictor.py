"""The model's colour for a frame, turned upright for it and back, corrected by references."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ...inference.backend import Backend
from ...inference.working_shape import working_shape
from ...pictures.preparation.box import WHOLE, Box
from ...pictures.preparation.contrast import Contrast
from ...pictures.preparation.preparation_options import PreparationOptions
from ...pictures.preparation.prepare import prepare
from ...pictures.preparation.prepare_frame import ScenePreparation, prepare_frame
from ..media.film_info import FilmInfo
from .frame_view import FrameView
from .optical_flow import SMALLEST
from .reference_colors import ReferenceColors, reference_files
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
        Of scenes without one of their own; of several in a folder, the one that fits best.
    as_is
        Show the model whole frames as they are.

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
        as_is: bool = False,
    ) -> None:
        self._backend = backend
        self._as_is = as_is
        self._turns = info.quarter_turns
        swaps = info.quarter_turns % 2 == 1
        height, width = info.height, max(1, round(info.width * info.aspect))
        self._upright_size = (width, height) if swaps else (height, width)
        self._shape = working_shape(*self._upright_size, backend.contract)
        stored_shape = self._shape[::-1] if swaps else self._shape
        self.motion_height, self.motion_width = (
            max(SMALLEST, side // _MOTION_SHARE) for side in stored_shape
        )
        self._starts = [scene.frame for scene in scenes]
        paths = [scene.reference or reference for scene in scenes]
        references = {
            path: [
                ReferenceColors(still, self._of_reference, *self._shape)
                for still in reference_files(path)
            ]
            for path in {*paths, reference}
            if path is not None
        }
        self._references = [references[path] if path else [] for path in (reference, *paths)]

    def ab_planes(
        self, view: FrameView, frame: int, scene: tuple[float, ...] = ()
    ) -> tuple[NDArray[np.float32], tuple[float, ...]]:
        """(2, h, w) a*, b* of a frame as it is stored, and its scene; raises BackendError.

        Parameters
        ----------
        view
            Of the frame.
        frame
            Its number: tells the scene of a reference.
        scene
            Of the frames before, as this function gave it; empty at the start of a scene.
        """
        turned = _UprightFrame(view.turned(self._turns), *self._upright_size)
        if self._as_is:
            shown = prepare(turned, self._shape_of, PreparationOptions(as_is=True))
        else:
            shown, after = prepare_frame(turned, self._shape_of, ScenePreparation.of_numbers(scene))
            scene = after.numbers()
        (part,) = shown.views
        (l_plane,) = part.l_planes
        answer = self._infer(l_plane)
        references = self._references[bisect_right(self._starts, frame)]
        if references:
            own = part.ab_planes([answer])
            height, width = l_plane.shape
            upright = turned.l_plane(height, width, part.box)
            fits = [reference.fitted(upright, own) for reference in references]
            answer = min(fits, key=itemgetter(0))[1] / np.float32(part.chroma_gain)
        # All frames of a film have colour planes of one size.
        size = (
            self._shape[0] * answer.shape[1] // l_plane.shape[0],
            self._shape[1] * answer.shape[2] // l_plane.shape[1],
        )
        ab_planes = shown.ab_planes([answer], size)
        return np.ascontiguousarray(np.rot90(ab_planes, -self._turns, axes=(1, 2))), scene

    def _shape_of(self, height: int, width: int, most_root: float) -> tuple[int, int]:
        if (height, width) == self._upright_size:
            return self._shape
        return working_shape(height, width, self._backend.contract, most_root=most_root)

    def _of_reference(self, l_plane: NDArray[np.float32]) -> NDArray[np.float32]:
        """Colours of a reference's L*, predicted as those of frames are."""
        if self._as_is:
            return self._infer(l_plane)
        contrast = Contrast.of(l_plane)
        ab_planes = self._infer(np.ascontiguousarray(contrast.stretched(l_plane)))
        return ab_planes / np.float32(contrast.gain)

    def _infer(self, l_plane: NDArray[np.float32]) -> NDArray[np.float32]:
        ab_planes: NDArray[np.float32] = self._backend.infer(l_plane[np.newaxis, np.newaxis])[0]
        return ab_planes


@dataclass(frozen=True, slots=True)
class _UprightFrame:
    """A frame's lightness at its size as it is seen."""

    view: FrameView
    height: int
    width: int

    def l_plane(self, height: int, width: int, box: Box = WHOLE) -> NDArray[np.float32]:
        return self.view.l_plane(height, width, box)
