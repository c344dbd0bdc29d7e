from __future__ import annotations

import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
import typer

from colorize_batch.benchmarks.engine.report import Report
from colorize_batch.benchmarks.engine.stage_rates import STAGES
from colorize_batch.cli import bench
from colorize_batch.cli.reporting import exit_code_of


@pytest.fixture(scope="module")
def call(tiny_model):
    def call(*arguments):
        command = typer.main.get_command(bench.app)
        words = [*map(str, arguments), "--model", str(tiny_model)]
        return exit_code_of(lambda: command(words, standalone_mode=False), "colorize-bench")

    return call


@pytest.fixture(scope="module")
def folder(tmp_path_factory, call):
    """What one small run leaves."""
    folder = tmp_path_factory.mktemp("bench")
    code = call(
        *("--sizes", "0.005,0.02", "--count", "2,5", "--repeats", 1, "--batch-size", "2"),
        *("--json", folder / "a.json", "--plot", folder / "a.html"),
    )
    assert code == 0
    return folder


def test_the_report_has_every_number(folder, tiny_model):
    entries = json.loads((folder / "a.json").read_text())
    assert entries["schema"] == "colorize-bench/1"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", entries["date"])
    assert entries["model"] == tiny_model.name
    assert len(entries["model_sha256"]) == 64
    assert entries["start_up_s"] > 0
    machine = entries["machine"]
    assert machine["cpu"]
    assert machine["cores"] >= 1
    assert {"python", "colorize-batch", "numpy", "onnxruntime", "libvips"} <= set(
        machine["versions"]
    )
    runs = entries["runs"]
    assert [(run["pictures"], run["count"]) for run in runs] == [
        ("0.005 MP jpg", 2),
        ("0.005 MP jpg", 5),
        ("0.02 MP jpg", 2),
        ("0.02 MP jpg", 5),
    ]
    for run in runs:
        assert run["batch"] == "2"
        assert run["formats"] == "jpg"
        assert [stage["name"] for stage in run["stages"]] == list(STAGES)
        numbers = [value for value in run["end_to_end"].values() if isinstance(value, float)]
        numbers += run["end_to_end"]["latency_ms"].values()
        numbers += [value for stage in run["stages"] for value in list(stage.values())[1:]]
        numbers += [run["efficiency"]["efficiency"], run["efficiency"]["of_slowest_stage"]]
        assert len(numbers) == 6 + 3 + 15 + 2
        assert min(numbers) >= 0
        assert run["end_to_end"]["images_per_second"] > 0


def test_growth_is_fitted_over_size_and_number(folder):
    growths = Report.read(folder / "a.json").growths
    assert [(growth.cost, growth.over, len(growth.sizes)) for growth in growths] == [
        ("CPU ms an image", "megapixels", 2),
        ("seconds a run", "images", 2),
        ("seconds a run", "images", 2),
        ("peak RSS MiB", "images", 2),
        ("peak RSS MiB", "images", 2),
    ]
    assert growths[1].sizes == (2, 5)


def test_a_report_is_read_as_it_was_written(folder, tmp_path):
    report = Report.read(folder / "a.json")
    report.write(tmp_path / "b.json")
    assert (tmp_path / "b.json").read_text() == (folder / "a.json").read_text()


class Loads(HTMLParser):
    """Collects what a page would load or run."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        for name, value in attrs:
            loads = name in ("src", "srcset", "data") or name.endswith("href")
            if loads and not (value or "").startswith("#"):
                self.found.append(f"{tag} {name}={value}")


def test_the_page_loads_nothing(folder):
    page = (folder / "a.html").read_text()
    parser = Loads()
    parser.feed(page)
    assert parser.found == []
    assert {"svg", "table", "pre"} <= parser.tags
    assert not {"script", "link", "img", "iframe"} & parser.tags
    assert not re.search(r"@import|url\((?!#)", page)
    assert "0.02 MP jpg" in page


def test_photographs_of_a_folder_to_png(call, tmp_path, write_pictures, capsys):
    write_pictures(tmp_path / "album", 2)
    write_pictures(tmp_path / "album" / "deeper", 1, ".png")
    (tmp_path / "album" / "notes.txt").write_text("no picture")
    before = sorted(tmp_path.rglob("*"))
    plot = tmp_path / "plot.png"
    code = call("--photos", tmp_path / "album", "--repeats", 1, "--plot", plot)
    output = capsys.readouterr()
    assert code == 0
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert sorted(tmp_path.rglob("*")) == sorted([*before, plot])
    assert re.search(r"│ album +│ +3 │", output.out)
    assert "1 of 1: album, 3 images, batch auto" in output.err


def test_compare(call, folder, tmp_path, capsys):
    entries = json.loads((folder / "a.json").read_text())
    entries["machine"]["cores"] += 1
    for run in entries["runs"]:
        run["end_to_end"]["images_per_second"] *= 2
        run["end_to_end"]["cpu_ms"] *= 2
    entries["runs"].pop()
    (tmp_path / "b.json").write_text(json.dumps(entries))
    assert call("--compare", folder / "a.json", tmp_path / "b.json") == 0
    output = capsys.readouterr()
    notes = output.err.splitlines()
    assert re.fullmatch(r"note: cores: \d+ before, \d+ after", notes[0])
    assert notes[1:] == ["note: only in one of them: 0.02 MP jpg, 5 images, batch 2"]
    rows = [
        [cell.strip() for cell in line.split("│")[1:-1]]
        for line in output.out.splitlines()
        if "│" in line
    ]
    assert len(rows) == 3 * 6 + 1
    assert [row[4] for row in rows if row[1] == "images/s"] == ["2.000 x"] * 3
    assert [row[4] for row in rows if row[1] == "CPU ms/image"] == ["0.500 x"] * 3
    assert {row[4] for row in rows if row[1] == "start-up s"} == {"1.000 x"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--plot", "a.pdf"), "--plot a.pdf: expected a name that ends in .png or .html"),
        (("--count", "0"), "--count: expected whole numbers from 1"),
        (("--count", "4,x"), "--count: expected whole numbers from 1"),
        (("--batch-size", "auto,x"), "'--batch-size': expected auto or 1..256, got 'x'"),
        (("--batch-size", "999"), "'--batch-size': expected auto or 1..256, got '999'"),
        (("--repeats", "0"), "repeats: expected at least 1"),
        (("--formats", "jpg,gif"), "formats: expected jpg, png, webp, tiff, avif, got 'gif'"),
        (("--sizes", "1,big"), "sizes: expected megapixels"),
        (("--photos", "nowhere"), "--photos nowhere: expected a folder with"),
        (("--compare", "no.json", "no.json"), "no.json: cannot be read: No such file"),
    ],
)
def test_wrong_usage_is_one_line(call, capsys, monkeypatch, tmp_path, arguments, message):
    monkeypatch.chdir(tmp_path)
    assert call(*arguments) == 1
    error = capsys.readouterr().err
    assert error.startswith("colorize-bench: error: ")
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": "other"}', '{"schema": "colorize-bench/1", "runs": []}']
)
def test_not_a_report(call, capsys, tmp_path, text):
    path: Path = tmp_path / "x.json"
    path.write_text(text)
    assert call("--compare", path, path) == 1
    assert "x.json: expected a report" in capsys.readouterr().err


def test_the_plot_needs_an_extra(call, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert call("--plot", "x.png") == 1
    err = capsys.readouterr().err  # a clone that was installed is named by its folder
    assert re.search(r"pip install '(colorize-batch|/.*)\[bench\]'", err)
