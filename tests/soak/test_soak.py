"""A little of every long trial, so that they stay runnable and the promises are tested by each commit."""

from __future__ import annotations

import random

import pytest

from tests.soak import failing_calls, kills, mutants
from tests.soak.endurance import sampled
from tests.soak.film_endurance import write_film
from tests.soak.mutator import mutant, parts_of


def nothing_wrong(figures, *names):
    return {name: figures[name] for name in names} == dict.fromkeys(names, 0)


def test_kills(tmp_path):
    figures = kills.trial(tmp_path, 3, kills.KILL, pictures=60)
    assert figures["tried"] == 3
    assert nothing_wrong(figures, "lost", "partial", "false lines", "crashed")


def test_signals(tmp_path):
    figures = kills.trial(tmp_path, 2, kills.STOP, pictures=60)
    assert nothing_wrong(figures, "lost", "partial", "false lines", "crashed")


@pytest.mark.skipif(not failing_calls.can_run(), reason="needs a C compiler and LD_PRELOAD")
def test_failing_calls(tmp_path):
    figures = failing_calls.trial(tmp_path, most=3)
    assert figures["calls"] > 10
    assert nothing_wrong(figures, "lost", "partial", "false lines", "silent", "crashed")


@pytest.mark.filterwarnings("ignore::UserWarning")  # of Pillow
@pytest.mark.parametrize("suffix", mutants.FORMATS_MADE)
def test_mutants(tmp_path, suffix):
    mutants.read_mutants(suffix, 0, 60, tmp_path / "note")
    number, read, refused, foreign = map(int, (tmp_path / "note").read_text().split())
    assert (number, read + refused, foreign) == (60, 60, 0)
    assert refused > 5


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp", ".avif"])
def test_the_mutator_knows_the_parts_of_a_file(suffix):
    file_bytes = mutants.samples(suffix)[0]
    parts = parts_of(file_bytes)
    assert len(parts) >= (2 if suffix == ".webp" else 4) - (suffix == ".webp")
    assert all(start <= payload <= end <= len(file_bytes) for start, payload, end, _ in parts)
    chance = random.Random(5)
    assert len({mutant(file_bytes, chance) for _ in range(50)}) > 40


def test_samples_of_endurance():
    times = iter(range(100))
    figures = sampled(iter([None] * 40), 40, clock=lambda: next(times))
    assert len(figures["MiB after each tenth"]) == 10
    assert figures["last over second tenth"] == 1.0


def test_a_film_to_endure(tmp_path):
    write_film(tmp_path / "film.mkv", 5)
    assert (tmp_path / "film.mkv").stat().st_size > 1000
