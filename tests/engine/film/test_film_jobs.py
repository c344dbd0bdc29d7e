from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.film.film_jobs import FilmJob, describe_gaps, film_jobs
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


def plan(source, destination, **options):
    sources = source if isinstance(source, list) else [source]
    return film_jobs(sources, destination, allow_gaps=options.get("allow_gaps", False))


@pytest.fixture
def films(tmp_path):
    for name in ("a.mp4", "deep/b.avi", "deep/c.mkv", ".hidden.mp4", "notes.txt"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path / "in"


def test_a_folder(films, tmp_path):
    out = tmp_path / "out"
    assert plan(films, out) == [
        FilmJob(films / "a.mp4", out / "a.mp4"),
        FilmJob(films / "deep/b.avi", out / "deep/b.mp4", is_open=True),
        FilmJob(films / "deep/c.mkv", out / "deep/c.mkv"),
    ]


def test_one_film(films, tmp_path):
    source = films / "deep/b.avi"
    for destination, output in [("x.mkv", "x.mkv"), ("out", "out/b.mp4"), ("in", "in/b.mp4")]:
        (job,) = plan(source, tmp_path / destination)
        assert job.output == tmp_path / output


def test_refusals(films, tmp_path):
    with pytest.raises(UsageError, match="is SRC itself"):
        plan(films / "a.mp4", films)
    with pytest.raises(UsageError, match="no such film"):
        plan(tmp_path / "missing.mp4", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="no films and no numbered pictures"):
        plan(tmp_path / "empty", tmp_path / "out")
    with pytest.raises(UsageError, match="is a file"):
        plan(films, films / "a.mp4")
    with pytest.raises(UsageError, match="no file matches"):
        plan(films / "%04d.png", tmp_path / "out.mp4")


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


def test_films_that_differ_in_their_endings_get_names_of_their_own(films, tmp_path):
    (films / "deep/c.mp4").touch()
    (films / "deep/c.avi").touch()
    outputs = [job.output.name for job in plan(films / "deep", tmp_path / "out")]
    assert sorted(outputs) == ["b.mp4", "c-mp4.mp4", "c.mkv", "c.mp4"]


def test_several_films_and_globs(films, tmp_path):
    out = tmp_path / "out"
    jobs = plan([films / "a.mp4", films / "deep/c.mkv"], out)
    assert [job.output for job in jobs] == [out / "a.mp4", out / "c.mkv"]
    assert [job.source.name for job in plan(films / "deep/*", out)] == ["b.avi", "c.mkv"]
    with pytest.raises(UsageError, match="no such film"):
        plan(films / "*.wmv", out)


@pytest.fixture
def scans(tmp_path):
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in (1, 2, 3, 5, 6, 9):
        (folder / f"scan_{number:04}.png").touch()
    return folder


def test_gaps_are_named(scans, tmp_path):
    pattern = scans / "scan_%04d.png"
    with pytest.raises(UsageError, match="no file for 4, 7-8; --allow-gaps"):
        plan(pattern, tmp_path / "film.mp4")
    assert plan(pattern, tmp_path / "film.mp4", allow_gaps=True)[0].source == pattern
    assert describe_gaps(pattern) == "4, 7-8"


def test_a_folder_of_pictures_is_a_film(scans, tmp_path):
    for number in (4, 7, 8):
        (scans / f"scan_{number:04}.png").touch()
    (scans / "notes.txt").touch()
    assert plan(scans, tmp_path / "f.mp4") == [FilmJob(scans / "scan_%04d.png", tmp_path / "f.mp4")]
    (scans / "other_1.png").touch()
    with pytest.raises(UsageError, match="several patterns"):
        plan(scans, tmp_path / "f.mp4")
