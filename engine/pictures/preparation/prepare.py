"""Show a network a picture that is like those it learned from; put its answer back in place."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from .box import WHOLE, Box
from .canvas import Piece, assembled
from .contrast import Contrast
from .negative import NEGATIVE_NOTE, looks_negative
from .outline import Outline
from .page import BLOCK, find_prints, may_be_page
from .preparation_options import PreparationOptions
from .screen import find_screen, without_screen
from .sharpness import amount_of, sharpened
from .tiles import tiles_of
from .upright import surest_turn

Plane = NDArray[np.float32]
# Height and width in pixels, and the largest root of an area to look at, to an allowed working
# shape.
ShapeOf = Callable[[int, int, float], tuple[int, int]]

_PAGE_SIDE: Final = 384
# Photographs of 120 x 90 pixels come out best at 224 x 224, those of 180 x 135 at 288 x 288.
_BLUR_ROOT: Final = 460.0


class Lightness(Protocol):
    """What gives a picture's lightness; `Picture` does."""

    @property
    def height(self) -> int: ...
    @property
    def width(self) -> int: ...

    def l_plane(self, height: int, width: int, box: Box = WHOLE) -> Plane:
        """(height, width) L* of a part of the picture."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One look at a picture.

    Parameters
    ----------
    l_planes
        What the network is shown: one, or the four turns of it.
    box
        Of the picture that it shows.
    chroma_gain
        Multiplies the answer.
    """

    l_planes: tuple[Plane, ...]
    box: Box
    chroma_gain: float

    def ab_planes(self, predictions: Sequence[Plane]) -> Plane:
        """(2, h, w) from an answer to each plane."""
        turn = surest_turn(self.l_planes, predictions) if len(predictions) > 1 else 0
        answer = np.rot90(predictions[turn], -turn, axes=(1, 2)) * np.float32(self.chroma_gain)
        ab_planes: Plane = np.ascontiguousarray(answer, np.float32)
        return ab_planes


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedPicture:
    """What the network is to be shown of a picture, and how its answers come together.

    Parameters
    ----------
    views
        The looks; none where there is nothing to colour.
    prints
        Where there is colour; all over if empty.
    has_screen
        Whether a halftone screen was found: luma is then no guide for colour.
    note
        One line for the user; empty if there is nothing to say.
    """

    views: tuple[View, ...]
    prints: tuple[Outline, ...] = ()
    has_screen: bool = False
    note: str = ""

    @property
    def l_planes(self) -> tuple[Plane, ...]:
        """(H, W) each, of all views, in order."""
        return tuple(plane for view in self.views for plane in view.l_planes)

    def ab_planes(self, predictions: Sequence[Plane], size: tuple[int, int] | None = None) -> Plane:
        """(2, h, w) a*, b* of the whole picture, from a prediction for each of `l_planes`.

        Parameters
        ----------
        predictions
            (2, h', w') each.
        size
            The h and w that several parts are to be put together at; as fine as they are if None.
        """
        answers = []
        start = 0
        for view in self.views:
            answers.append(view.ab_planes(predictions[start : start + len(view.l_planes)]))
            start += len(view.l_planes)
        if not answers:
            return np.zeros((2, 1, 1), np.float32)
        if len(answers) == 1 and not self.prints:
            return answers[0]
        pieces = [
            Piece(ab_planes=answer, box=view.box)
            for answer, view in zip(answers, self.views, strict=True)
        ]
        return assembled(pieces, self.prints, size)


def prepare(picture: Lightness, shape_of: ShapeOf, options: PreparationOptions) -> PreparedPicture:
    """Decide what the network is shown.

    Parameters
    ----------
    picture
        To be coloured.
    shape_of
        The model's working shape for a part of so many pixels.
    options
        What is to be done.
    """
    height, width = picture.height, picture.width
    if options.as_is:
        plane = picture.l_plane(*shape_of(height, width, math.inf))
        shown = _turns(plane) if options.upright == "auto" else (plane,)
        return PreparedPicture(views=(View(l_planes=shown, box=WHOLE, chroma_gain=1.0),))
    regions: list[Box] = [WHOLE]
    known: dict[Box, Plane] = {}
    prints: tuple[Outline, ...] = ()
    if tiles_of(WHOLE, height, width) == [WHOLE]:
        whole = l_plane_of(picture, WHOLE, shape_of)
        known[WHOLE] = whole
        if may_be_page(whole):
            page = find_prints(picture.l_plane(*page_shape(height, width)))
            if page.is_line_work:
                return PreparedPicture(views=(), note="text or a drawing: left gray")
            prints = page.prints
            regions = [outline.box for outline in prints] or regions
    views: list[View] = []
    has_screen = False
    note = ""
    for region in regions:
        tiles = tiles_of(region, height, width)
        planes = [
            known[tile] if tile in known else l_plane_of(picture, tile, shape_of) for tile in tiles
        ]
        if options.seeks_negatives and looks_negative(planes[len(planes) // 2]):
            note = NEGATIVE_NOTE
        scale = math.sqrt(planes[0].size / (tiles[0].area * height * width))
        planes, is_screened = _clear(planes, scale)
        has_screen |= is_screened
        contrast = Contrast.of(*planes)
        views += [
            View(
                l_planes=_turns(stretched) if options.upright == "auto" else (stretched,),
                box=tile,
                chroma_gain=1 / contrast.gain,
            )
            for tile, stretched in zip(tiles, map(contrast.stretched, planes), strict=True)
        ]
    return PreparedPicture(views=tuple(views), prints=prints, has_screen=has_screen, note=note)


def _clear(planes: list[Plane], scale: float) -> tuple[list[Plane], bool]:
    """Planes of one region without a halftone screen, and whether there was one; else sharpened.

    Parameters
    ----------
    planes
        Of the region's tiles.
    scale
        How many times they are enlarged.
    """
    screen = find_screen(planes[len(planes) // 2])
    if screen is not None:
        return [without_screen(plane, screen) for plane in planes], True
    return [sharpened(plane, amount_of(scale)) for plane in planes], False


def l_plane_of(picture: Lightness, box: Box, shape_of: ShapeOf) -> Plane:
    """L* of a part at the working shape that suits it."""
    rows, columns = box.pixels(picture.height, picture.width)
    height, width = rows.stop - rows.start, columns.stop - columns.start
    return picture.l_plane(*shape_of(height, width, _most_root(height, width)), box)


def _most_root(height: int, width: int) -> float:
    """Root of the area, pixels, beyond which enlarging a picture shows a network nothing but blur."""
    return math.sqrt(_BLUR_ROOT * math.sqrt(height * width))


def page_shape(height: int, width: int) -> tuple[int, int]:
    """Height and width at which prints are looked for on a page of that size."""
    scale = _PAGE_SIDE / max(height, width)
    return (
        max(BLOCK, round(height * scale / BLOCK) * BLOCK),
        max(BLOCK, round(width * scale / BLOCK) * BLOCK),
    )


def _turns(l_plane: Plane) -> tuple[Plane, ...]:
    return tuple(np.ascontiguousarray(np.rot90(l_plane, turn)) for turn in range(4))
