"""What the look's settings come to."""

from __future__ import annotations

import pytest

from colorize_batch.engine.pictures.look import STYLE_GAIN, Look
from colorize_batch.errors import UsageError


def test_style_and_saturation_multiply() -> None:
    assert Look().gain == 1.0
    assert Look(style="vivid").gain == STYLE_GAIN["vivid"] > 1
    assert Look(style="vivid", saturation=0.5).gain == pytest.approx(STYLE_GAIN["vivid"] / 2)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"style": "loud"}, "style: expected natural or vivid, got 'loud'"),
        ({"upsample": "cubic"}, "upsample: expected guided or bilinear, got 'cubic'"),
        ({"chroma": "422"}, "chroma: expected 420 or 444, got '422'"),
        ({"saturation": -1}, r"saturation: expected 0\.\.4, got -1"),
        ({"saturation": float("nan")}, r"saturation: expected 0\.\.4, got nan"),
    ],
)
def test_wrong_values_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Look(**wrong)  # type: ignore[arg-type]
