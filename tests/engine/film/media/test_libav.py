from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import pytest

from colorize_batch.engine.film.media.film_info import film_info
from colorize_batch.engine.film.media.libav import fraction_of, opened

from ..films import write_film


class Ratio(SimpleNamespace):
    """As PyAV 19 gives them: no Fraction, and false where a film does not say."""

    def __bool__(self):
        return self.numerator != 0


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (Fraction(25), Fraction(25)),
        (Ratio(numerator=30000, denominator=1001), Fraction(30000, 1001)),
        (Ratio(numerator=0, denominator=1), None),
        (Ratio(numerator=0, denominator=0), None),
        (None, None),
    ],
)
def test_ratios_of_every_pyav_become_fractions(ratio, expected):
    assert fraction_of(ratio) == expected
    assert expected is None or type(fraction_of(ratio)) is Fraction


def test_what_a_film_says_is_in_fractions(tmp_path):
    info = film_info(write_film(tmp_path / "film.mp4", frames=3))
    assert type(info.rate) is type(info.time_base) is type(info.aspect) is Fraction


def test_a_title_that_is_no_utf8_keeps_no_film_from_opening(tmp_path):
    titled = write_film(
        tmp_path / "titled.mkv", frames=3, container=lambda out: out.metadata.update(title="Caf?")
    )
    latin1 = tmp_path / "latin1.mkv"
    latin1.write_bytes(titled.read_bytes().replace(b"Caf?", b"Caf\xe9"))
    with opened(latin1) as container:
        assert container.metadata["title"].startswith("Caf")
