"""Points and lines over two axes, as SVG for a page that loads nothing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 420
HEIGHT: Final = 280
LEFT: Final = 62
BOTTOM: Final = 44
MARGIN: Final = 14
# Of the values' range, left free at both ends of an axis.
ROOM: Final = 0.05
MOST_TICKS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Points, joined by a line or not.

    Attributes
    ----------
    points
        (x, y), finite.
    color
        As CSS names it.
    line
        Join them, instead of drawing a dot for each.
    label
        Shown where the pointer rests.
    """

    points: tuple[tuple[float, float], ...]
    color: str
    line: bool = False
    label: str = ""


def svg_chart(
    series: Sequence[Series],
    *,
    x_title: str,
    y_title: str,
    log_x: bool = False,
    x_words: Sequence[str] = (),
) -> str:
    """Draw series, the last on top.

    Parameters
    ----------
    series
        At least one point in all.
    x_title, y_title
        Of the axes.
    log_x
        Space the horizontal axis by logarithms; all x are above 0 then.
    x_words
        What x = 0, 1, 2 ... stand for, if they are no numbers.
    """
    points = [point for each in series for point in each.points]
    across = _axis([x for x, _ in points], LEFT, WIDTH - MARGIN, log=log_x, words=x_words)
    up = _axis([y for _, y in points], HEIGHT - BOTTOM, MARGIN)
    bottom, right = HEIGHT - BOTTOM, WIDTH - MARGIN
    parts = [f'<path class="frame" d="M{LEFT} {MARGIN}H{right}V{bottom}H{LEFT}Z"/>']
    for place, text in across.ticks:
        parts.append(f'<path class="tick" d="M{place:.1f} {bottom}v5"/>')
        parts.append(_text(place, bottom + 18, text, "middle"))
    for place, text in up.ticks:
        parts.append(f'<path class="grid" d="M{LEFT} {place:.1f}H{right}"/>')
        parts.append(_text(LEFT - 6, place + 4, text, "end"))
    parts.append(_text((LEFT + right) / 2, HEIGHT - 6, x_title, "middle"))
    middle = (MARGIN + bottom) / 2
    turned = f'transform="rotate(-90 12 {middle:.1f})"'
    parts.append(_text(12, middle, y_title, "middle", turned))
    for each in series:
        places = [(across.place(x), up.place(y)) for x, y in each.points]
        parts.append(f'<g style="color:{each.color}"><title>{escape(each.label)}</title>')
        if each.line:
            joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
            parts.append(f'<polyline class="line" points="{joined}"/>')
        else:
            parts += [f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in places]
        parts.append("</g>")
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(parts)}</svg>'


@dataclass(frozen=True, slots=True)
class _Axis:
    place: Callable[[float], float]
    ticks: list[tuple[float, str]]


def _axis(
    values: Sequence[float], first: float, last: float, *, log: bool = False,
    words: Sequence[str] = (),
) -> _Axis:  # fmt: skip
    """Map values to pixels from `first` to `last`."""
    scale = math.log10 if log else float
    low, high = (0, len(words) - 1) if words else (min(values), max(values))
    begin, end = scale(low), scale(high)
    room = ROOM * (end - begin) or 0.5
    begin, end = begin - room, end + room

    def place(value: float) -> float:
        return first + (scale(value) - begin) / (end - begin) * (last - first)

    if words:
        ticks = [(place(at), word) for at, word in enumerate(words)]
    else:
        marks = _log_marks(low, high) if log else _marks(begin, end)
        ticks = [(place(mark), f"{mark:.4g}") for mark in marks]
    return _Axis(place, ticks)


def _marks(low: float, high: float) -> list[float]:
    """Multiples of 1, 2 or 5 times a power of ten."""
    rough = (high - low) / MOST_TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    return [step * number for number in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _log_marks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten; powers alone where these are many; the limits if none."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1, 2, 5), (1,)):
        marks = [factor * 10.0**power for power in powers for factor in factors]
        marks = [mark for mark in marks if low <= mark <= high]
        if len(marks) <= MOST_TICKS + 1:
            break
    return marks or [low, high]


def _text(x: float, y: float, text: str, anchor: str, extra: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {extra}>{escape(text)}</text>'
