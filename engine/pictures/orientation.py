"""EXIF orientation: how stored pixels are turned to stand upright."""

from __future__ import annotations

from typing import Any, Final

from numpy.typing import NDArray

# EXIF 2.32, 4.6.4.A -> (swap rows and columns, then flip rows, then flip columns).
_TURNS: Final = {
    1: (False, False, False),
    2: (False, False, True),
    3: (False, True, True),
    4: (False, True, False),
    5: (True, False, False),
    6: (True, False, True),
    7: (True, True, True),
    8: (True, True, False),
}


def is_turned(orientation: int) -> bool:
    """Whether height and width change places; unknown orientations count as upright."""
    return _TURNS.get(orientation, _TURNS[1])[0]


def upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Stored (H, W, ...) as it is to be looked at; a view."""
    swap, flip_rows, flip_columns = _TURNS.get(orientation, _TURNS[1])
    if swap:
        pixels = pixels.swapaxes(0, 1)
    return pixels[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]


def as_stored(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Upright (H, W, ...) as it is stored: undoes `upright`; a view."""
    swap, flip_rows, flip_columns = _TURNS.get(orientation, _TURNS[1])
    pixels = pixels[:: -1 if flip_rows else 1, :: -1 if flip_columns else 1]
    return pixels.swapaxes(0, 1) if swap else pixels
