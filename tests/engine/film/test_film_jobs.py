from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.film.film_jobs import FilmJob, plan_films
from colorize_batch.engine.film.media.image_sequence import (
    first_number,
    is_sequence,
    sequence_files,
)
from colorize_batch.engine.film.media.libav import av
from colorize_batch.engine.film.preview import Preview
from colorize_batch.engine.pictures.pixel_reader import PixelReader
from colorize_batch.engine.pictures.read_options import ReadOptions
from colorize_batch.errors import UsageError


@pytest.fixture
def films(tmp_path):
    for name in ("a.mp4", "deep/b.avi", "deep/c.mkv", ".hidden.mp4", "notes.txt"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "in"


def test_a_folder(films, tmp_path):
    out = tmp_path / "out"
    assert plan_films(films, out) == [
        FilmJob(films / "a.mp4", out / "a.mp4"),
        FilmJob(films / "deep/b.avi", out / "deep/b.mp4"),
        FilmJob(films / "deep/c.mkv", out / "deep/c.mkv"),
    ]


def test_one_film(films, tmp_path):
    source = films / "deep/b.avi"
    for destination, output in [("x.mkv", "x.mkv"), ("out", "out/b.mp4"), ("in", "in/b.mp4")]:
        (job,) = plan_films(source, tmp_path / destination)
        assert job.output == tmp_path / output


def test_refusals(films, tmp_path):
    (films / "deep/c.mp4").touch()
    (films / "deep/c.avi").touch()
    with pytest.raises(UsageError, match="have one output"):
        plan_films(films, tmp_path / "out")
    with pytest.raises(UsageError, match="is SRC itself"):
        plan_films(films / "a.mp4", films)
    with pytest.raises(UsageError, match="no such film"):
        plan_films(tmp_path / "missing.mp4", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no films found"):
        plan_films(tmp_path / "empty", tmp_path / "out")
    with pytest.raises(UsageError, match="is a file"):
        plan_films(films, films / "a.mp4")
    with pytest.raises(UsageError, match="no file matches"):
        plan_films(films / "%04d.png", tmp_path / "out.mp4")


def test_sequences(tmp_path):
    for number in (12, 9, 10):
        (tmp_path / f"f-{number:03}.png").touch()
    (tmp_path / "f-x.png").touch()
    pattern = tmp_path / "f-%03d.png"
    assert is_sequence(pattern)
    assert not is_sequence(tmp_path / "100%.png")
    assert first_number(pattern) == 9
    assert [path.name for path in sequence_files(pattern)] == [
        "f-009.png", "f-010.png", "f-012.png",
    ]  # fmt: skip


def test_a_preview_is_written_now_and_then(tmp_path):
    preview = Preview(tmp_path / "now.png")
    for value in (100, 200):
        frame = av.VideoFrame(16, 8, "rgb24")
        np.frombuffer(frame.planes[0], np.uint8)[:] = value
        preview.show(frame)
    picture = PixelReader(
        (tmp_path / "now.png").read_bytes(), ReadOptions(max_pixels=999)
    ).decoded()
    assert picture.pixels.shape[:2] == (8, 16)
    assert picture.pixels.max() == 100
    with pytest.raises(UsageError, match=r"expected a \.jpg or \.png"):
        Preview(tmp_path / "now.tiff")
