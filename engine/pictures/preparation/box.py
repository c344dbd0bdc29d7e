"""A part of a picture, in fractions of its size."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, upright picture, 0..1.

    Parameters
    ----------
    top, left, bottom, right
        Its edges; `top` under `bottom`, `left` under `right`.
    """

    top: float = 0.0
    left: float = 0.0
    bottom: float = 1.0
    right: float = 1.0

    @property
    def height(self) -> float:
        """As a fraction of the picture's."""
        return self.bottom - self.top

    @property
    def width(self) -> float:
        """As a fraction of the picture's."""
        return self.right - self.left

    @property
    def area(self) -> float:
        """As a fraction of the picture's."""
        return self.height * self.width

    def pixels(self, height: int, width: int) -> tuple[slice, slice]:
        """Rows and columns of the box in a plane of that size, at least one each."""
        top = min(height - 1, round(self.top * height))
        left = min(width - 1, round(self.left * width))
        return (
            slice(top, max(top + 1, round(self.bottom * height))),
            slice(left, max(left + 1, round(self.right * width))),
        )


WHOLE = Box()
