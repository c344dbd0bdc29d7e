"""Matplotlib's figures as SVG within a page."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from markupsafe import Markup

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def svg_of(figure: Figure) -> Markup:
    """Draw a figure as an `<svg>` element that names no file and no date.

    Parameters
    ----------
    figure
        Left as it is.
    """
    text = io.StringIO()
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    figure.savefig(text, format="svg", metadata=nothing, bbox_inches="tight")
    _, _, drawing = text.getvalue().partition("<svg")
    return Markup(f"<svg{drawing}")  # of our own figure
