from __future__ import annotations

import json

import pytest
import typer

from colorize_batch.benchmarks.engine.film_stage_costs import STAGES
from colorize_batch.cli import bench
from colorize_batch.cli.reporting import exit_code_of
from tests.engine.film.films import write_film


@pytest.fixture
def run(tiny_model, capsys):
    def call(*arguments):
        command = typer.main.get_command(bench.app)
        words = ["--video", *map(str, arguments), "--model", str(tiny_model), "--repeats", "1"]
        code = exit_code_of(lambda: command(words, standalone_mode=False), "colorize-bench")
        return code, capsys.readouterr()

    return call


def test_a_clip_is_measured(run, tmp_path):
    clip = write_film(tmp_path / "clip.mp4", frames=20)
    code, printed = run(clip, "--video-size", "96x64", "--json", tmp_path / "film.json")
    assert code == 0, printed.err
    assert "clip.mp4, 96 x 64, 20 frames, 2 looks of the model" in printed.out.replace("\n", " ")
    report = json.loads((tmp_path / "film.json").read_text())
    assert report["schema"] == "colorize-bench-video/1"
    assert (report["height"], report["width"], report["frames"]) == (64, 96, 20)
    assert set(report["stage_cpu_ms"]) == set(STAGES)
    assert all(cost > 0 for cost in report["stage_cpu_ms"].values())
    alone, colorized = report["alone"], report["colorized"]
    assert report["ratio"] == pytest.approx(alone["seconds"] / colorized["seconds"])
    assert report["cpu_ratio"] == pytest.approx(alone["cpu_ms"] / colorized["cpu_ms"])
    assert alone["cpu_ms"] < colorized["cpu_ms"]


def test_a_film_is_made_where_there_is_none(run):
    code, printed = run("made", "--video-size", "64x48")
    assert code == 0, printed.err
    assert "made, 64 x 48, 240 frames" in printed.out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["made", "--video-size", "640"], "--video-size: expected whole numbers"),
        (["made", "--video-size", "63x48"], "size: expected even sides"),
        (["none.mp4"], "none.mp4"),
    ],
)
def test_wrong_usage(run, words, message):
    code, printed = run(*words)
    assert code == 1
    assert message in printed.err.splitlines()[-1]
