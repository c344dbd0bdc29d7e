"""Hints of a picture as they lie in one of the planes that the network is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..pictures.hint import Hint
from ..pictures.preparation.box import Box


def placed_hints(
    hints: Sequence[Hint], box: Box, turn: int, height: int, width: int
) -> tuple[Hint, ...]:
    """The hints that lie in a part of a picture, in its own coordinates.

    Parameters
    ----------
    hints
        Of the whole picture.
    box
        The part.
    turn
        Quarter turns, against the clock, in which the part is shown.
    height, width
        Of the whole picture, pixels.
    """
    scale = max(height, width) / max(box.height * height, box.width * width)
    placed = []
    for hint in hints:
        x, y = (hint.x - box.left) / box.width, (hint.y - box.top) / box.height
        if not (0 <= x <= 1 and 0 <= y <= 1):
            continue
        for _ in range(turn):
            x, y = y, 1 - x
        placed.append(replace(hint, x=x, y=y, radius=min(1.0, hint.radius * scale)))
    return tuple(placed)
