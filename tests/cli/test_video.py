from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest
import typer

from colorize_batch.cli import video, video_options
from colorize_batch.cli.film_progress import FilmProgress
from colorize_batch.cli.reporting import exit_code_of
from colorize_batch.engine.film.media.frame_reader import FrameReader
from colorize_batch.engine.film.segments.segment_store import store_folder
from tests.engine.film.films import decoded, packets, seconds, write_film

COMMAND = [sys.executable, "-c", "from colorize_batch.cli.video import main; main()"]


@pytest.fixture
def run(tiny_model, capsys):
    """Run the command in this process; gives (exit code, standard output, standard error)."""

    def call(*arguments):
        command = typer.main.get_command(video.app)
        words = [*map(str, arguments), "--model", str(tiny_model)]
        code = exit_code_of(lambda: command(words, standalone_mode=False), "colorize-video")
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def test_a_film(run, tmp_path):
    source = write_film(tmp_path / "in.mp4", frames=30)
    code, out, err = run(source, tmp_path / "out.mkv", "--preview", tmp_path / "now.jpg")
    assert (code, err) == (0, "")
    assert re.match(r"30 frames in .* frames/s\), 1 scene, 3 looks of the model -> ", out)
    assert len(decoded(tmp_path / "out.mkv")) == 30
    assert (tmp_path / "now.jpg").read_bytes().startswith(b"\xff\xd8")


def test_a_folder_with_a_bad_film(run, tmp_path):
    (tmp_path / "in").mkdir()
    write_film(tmp_path / "in" / "a.mp4")
    (tmp_path / "in" / "b.mp4").write_bytes(b"not a film")
    write_film(tmp_path / "in" / "c.mkv")
    code, out, err = run(tmp_path / "in", tmp_path / "out")
    assert code == 2
    assert len(out.splitlines()) == 2
    assert re.search(r"failed: .*b\.mp4: Invalid data", err)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "a.mp4",
        "c.mkv",
        "colorize-video.jsonl",
    ]
    lines = (tmp_path / "out" / "colorize-video.jsonl").read_text().splitlines()
    assert [json.loads(line)["status"] for line in lines] == ["done", "failed", "done"]


def test_what_exists_stays_unless_told_otherwise(run, tmp_path):
    source, output = write_film(tmp_path / "in.mp4"), tmp_path / "out.mp4"
    output.write_bytes(b"mine")
    code, out, _ = run(source, output)
    assert (code, output.read_bytes()) == (0, b"mine")
    assert "exists; --overwrite replaces it" in out
    assert run(source, output, "--overwrite", "--quiet") == (0, "", "")
    assert len(decoded(output)) == 12


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--every", "x"], "expected auto or 1..1000, got 'x'"),
        (["--every", "9999"], "expected auto or 1..1000, got '9999'"),
        (["--strength", "2"], "strength: expected 0..1"),
        (["--temporal", "on"], "'on' is not one of 'smooth', 'off'"),
        (["--compare", "x"], "'x' is not one of 'none', 'side', 'split'"),
        (["--rate", "0/0"], "expected a number"),
        (["--rate", "-3"], "rate: expected more than 0"),
        (["--encoder", "x"], "'x' is not one of 'auto', 'libx264'"),
        (["--encoder", "libx265", "--pixel-format", "yuv440p"], "--pixel-format yuv440p: libx265"),
        (["--saturation", "9"], "saturation: expected 0..4"),
        (["--reference", "none.png"], "none.png"),
        (["--preview", "now.bmp"], "--preview now.bmp: expected a .jpg or .png file"),
    ],
)
def test_wrong_usage(run, tmp_path, words, message):
    source = write_film(tmp_path / "in.mp4", frames=2)
    code, out, err = run(source, tmp_path / "out.mp4", *words)
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert message in err
    assert not (tmp_path / "out.mp4").exists()


def test_rates():
    assert str(video_options.frame_rate("23.976")) == "24000/1001"
    assert str(video_options.frame_rate("29.97")) == "30000/1001"
    assert str(video_options.frame_rate("24")) == "24"
    assert str(video_options.frame_rate("16.5")) == "33/2"


def start(tiny_model, source, output, *words):
    command = [*COMMAND, str(source), str(output), "--model", str(tiny_model), *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for_segment(output):
    deadline = time.monotonic() + 250
    while not list(store_folder(output).glob("*.segment")):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture(scope="module")
def long_film(tmp_path_factory):
    """Long enough to be interrupted after its first segment."""
    path = tmp_path_factory.mktemp("film") / "in.mp4"
    options = {"preset": "ultrafast"}
    return write_film(path, shape=(64, 96), frames=800, audio=True, options=options)


def test_killed_and_run_again(tiny_model, tmp_path, long_film):
    output = tmp_path / "out.mp4"
    process = start(tiny_model, long_film, output, "--preset", "veryslow")
    wait_for_segment(output)
    process.kill()
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert not output.exists()
    process = start(tiny_model, long_film, output, "--preset", "veryslow")
    out, err = process.communicate(timeout=250)
    assert process.returncode == 0, err
    assert int(re.search(r"(\d+) frames from an earlier run", out)[1]) in (250, 500, 750)
    assert seconds(output) == seconds(long_film)
    assert packets(output, "audio") == packets(long_film, "audio")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.mp4"]


def test_ctrl_c_leaves_a_film_that_plays(tiny_model, tmp_path, long_film):
    output = tmp_path / "out.mp4"
    process = start(tiny_model, long_film, output, "--preset", "veryslow")
    wait_for_segment(output)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=250)
    assert process.returncode == 130
    assert "stopping: the film is being finished" in err
    assert "the same command goes on from there" in err
    frames = len(decoded(output))
    assert 250 <= frames < 800
    process = start(tiny_model, long_film, output, "--preset", "veryslow")
    out, _ = process.communicate(timeout=250)
    assert process.returncode == 0
    assert f"{frames} frames from an earlier run" in out
    assert len(decoded(output)) == 800


def test_ctrl_c_before_the_first_frame_is_one_line(run, tmp_path, monkeypatch):
    frames = FrameReader.frames

    def interrupted(self, skip=0):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.5)  # in which the main thread handles it
        yield from frames(self, skip)

    monkeypatch.setattr(FrameReader, "frames", interrupted)
    source, output = write_film(tmp_path / "in.mp4"), tmp_path / "out.mp4"
    code, out, err = run(source, output)
    assert (code, out) == (130, "")
    assert err == f"stopped before the first frame; {output} is not written\n"
    assert not output.exists()
    monkeypatch.undo()
    assert run(source, output)[0] == 0


def test_progress_in_lines(capsys, monkeypatch):
    from colorize_batch.cli import film_progress

    clock = iter([0.0, 1.0, 6.0, 7.0])
    monkeypatch.setattr(film_progress.time, "perf_counter", lambda: next(clock))
    with FilmProgress("f.mp4", 100) as progress:
        for frame in (9, 59, 60):
            progress.show(frame)
    assert capsys.readouterr().err == "f.mp4: 60 of 100 frames, 8.5 frames/s, 5 s left\n"
    assert progress.done == 61


def test_summary_and_strictness(run, tmp_path):
    whole = write_film(tmp_path / "a.mkv", codec="mpeg4", frames=50)
    cut = tmp_path / "b.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    code, out, err = run(whole, cut, tmp_path / "out", "--json", "--strict")
    assert code == 2
    assert "b.mkv is cut off: its header promises" in err
    summary = json.loads(out)
    assert (summary["done"], summary["failed"], summary["stopped"]) == (2, 0, False)
    assert [film["missing_s"] > 0 for film in summary["films"]] == [False, True]
    assert run(cut, tmp_path / "again.mkv")[0] == 0


def test_what_broken_off_runs_left_is_named_and_deleted(run, tmp_path):
    source = write_film(tmp_path / "in.mp4")
    left = tmp_path / ".old.mp4.segments"
    left.mkdir()
    (left / "job.json").write_text("{}")
    code, _, err = run(source, tmp_path / "out.mp4")
    assert code == 0
    assert ".old.mp4.segments is left of a run" in err
    code, out, _ = run(source, tmp_path / "old.mp4", "--discard")
    assert (code, left.exists(), (tmp_path / "old.mp4").exists()) == (0, False, False)
    assert out.startswith("deleted ")


@pytest.mark.parametrize(
    ("text", "frames"), [("0.2", 5), ("00:00:00.2", 5), ("0:0.2", 5), ("1:00", 12)]
)
def test_times(run, tmp_path, text, frames):
    source = write_film(tmp_path / "in.mp4")
    assert run(source, tmp_path / "out.mp4", "--duration", text, "-q")[0] == 0
    assert len(decoded(tmp_path / "out.mp4")) == frames


def test_refusals_open_no_model(tmp_path, capsys, monkeypatch):
    source = write_film(tmp_path / "in.mp4")
    monkeypatch.setattr(video, "choose_model", None)
    command = typer.main.get_command(video.app)
    for words in (
        [source, tmp_path / "out.gif"],
        [tmp_path / "no.mp4", tmp_path / "out.mp4"],
        [source, tmp_path / "out.mp4", "--start", "2", "--end", "1"],
        [source, tmp_path / "out.mp4", "--end", "1", "--duration", "1"],
    ):
        code = exit_code_of(
            lambda words=words: command([*map(str, words)], standalone_mode=False),
            "colorize-video",
        )
        assert code == 1
        assert len(capsys.readouterr().err.splitlines()) == 1
