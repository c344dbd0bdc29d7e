"""Preparation of film: gain and borders are those of a scene, so that colour is steady."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from .box import WHOLE, Box
from .contrast import Contrast, tails
from .outline import Outline
from .page import find_prints, may_be_page
from .prepare import Lightness, PreparedPicture, ShapeOf, View, l_plane_of, page_shape
from .sharpness import amount_of, sharpened

# Of a frame that shows less the borders cannot be told from the picture.
_LEAST_SPAN_L: Final = 20.0
# Bars leave at least this part of a frame; less is a picture within the picture.
_LEAST_AREA: Final = 0.4


@dataclass(frozen=True, slots=True)
class ScenePreparation:
    """What the frames of a scene so far have in common.

    Parameters
    ----------
    dark_l, light_l
        L* between which all of them lie, but for half a percent at each end.
    box
        The picture within its bars; None while no frame has shown where they are.
    """

    dark_l: float = 100.0
    light_l: float = 0.0
    box: Box | None = None

    def numbers(self) -> tuple[float, ...]:
        """All of it as numbers, to be kept."""
        box = self.box
        sides = () if box is None else (box.top, box.left, box.bottom, box.right)
        return self.dark_l, self.light_l, *sides

    @classmethod
    def of_numbers(cls, numbers: tuple[float, ...]) -> Self:
        """The scene that `numbers` gave; a new one of none."""
        if not numbers:
            return cls()
        dark_l, light_l, *sides = numbers
        return cls(dark_l, light_l, Box(*sides) if sides else None)


def prepare_frame(
    frame: Lightness, shape_of: ShapeOf, scene: ScenePreparation
) -> tuple[PreparedPicture, ScenePreparation]:
    """Decide what the network is shown of a frame.

    Parameters
    ----------
    frame
        To be coloured.
    shape_of
        As of `prepare`.
    scene
        Of the frames before; a new one at the start of a scene.

    Returns
    -------
    PreparedPicture
        Of one view.
    ScenePreparation
        Of the scene with this frame.
    """
    box = scene.box
    shown = l_plane_of(frame, box or WHOLE, shape_of)
    dark_l, light_l = tails(shown)
    if box is None and light_l - dark_l >= _LEAST_SPAN_L:
        box = _within_bars(frame, shown)
        if box != WHOLE:
            shown = l_plane_of(frame, box, shape_of)
            dark_l, light_l = tails(shown)
    scene = ScenePreparation(min(scene.dark_l, dark_l), max(scene.light_l, light_l), box)
    contrast = Contrast.between(scene.dark_l, scene.light_l)
    box = box or WHOLE
    enlargement = math.sqrt(shown.size / (box.area * frame.height * frame.width))
    stretched = contrast.stretched(sharpened(shown, amount_of(enlargement)))
    view = View(l_planes=(stretched,), box=box, chroma_gain=1 / contrast.gain)
    prints = () if box == WHOLE else (Outline.of_box(box),)
    return PreparedPicture(views=(view,), prints=prints), scene


def _within_bars(frame: Lightness, shown: NDArray[np.float32]) -> Box:
    if not may_be_page(shown):
        return WHOLE
    prints = find_prints(frame.l_plane(*page_shape(frame.height, frame.width))).prints
    if len(prints) != 1 or prints[0].area < _LEAST_AREA:
        return WHOLE
    return prints[0].box
