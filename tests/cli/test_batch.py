from __future__ import annotations

import errno
import json
import logging
import os
import re
import resource
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import typer

from colorize_batch.chosen_model import choose_model
from colorize_batch.cli import batch, batch_results
from colorize_batch.cli.reporting import exit_code_of
from colorize_batch.engine.batch import source_bytes
from colorize_batch.engine.batch.manifest import MANIFEST_NAME
from colorize_batch.engine.batch.picture_stages import PictureStages
from colorize_batch.engine.pictures.pixel_reader import PixelReader
from colorize_batch.engine.pictures.read_options import ReadOptions
from colorize_batch.kernels import cpu

COMMAND = [sys.executable, "-c", "from colorize_batch.cli.batch import main; main()"]


@pytest.fixture
def run(tiny_model, capsys):
    """Run the command in this process; gives (exit code, standard output, standard error)."""

    def call(*arguments, model=tiny_model):
        command = typer.main.get_command(batch.app)
        words = [*map(str, arguments), "--model", str(model)]
        code = exit_code_of(lambda: command(words, standalone_mode=False), "colorize-batch")
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def photos(tmp_path, write_pictures):
    write_pictures(tmp_path / "in", 3)
    write_pictures(tmp_path / "in" / "deeper", 2, ".png")
    return tmp_path / "in"


def manifest_of(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / MANIFEST_NAME).read_text().splitlines()]


def outputs_in(folder: Path) -> list[str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST_NAME)
    return sorted(str(path.relative_to(folder)) for path in files)


def test_a_folder(run, photos, tmp_path):
    code, out, err = run(photos, tmp_path / "out")
    assert code == 0
    assert re.match(r"5 colorized in .* images/s, .* MP/s\) -> ", out)
    assert err == ""
    assert outputs_in(tmp_path / "out") == outputs_in(photos)
    picture = (tmp_path / "out" / "picture-000.jpg").read_bytes()
    pixels = PixelReader(picture, ReadOptions(max_pixels=10**6)).decoded().pixels.astype(int)
    assert np.abs(pixels[:, :, 0] - pixels[:, :, 1]).mean() > 5
    entries = manifest_of(tmp_path / "out")
    assert len(entries) == 5
    assert {entry["status"] for entry in entries} == {"done"}
    assert {entry["model"]["name"] for entry in entries} == {"tiny"}


def test_failures_are_told_and_the_rest_is_done(run, photos, tmp_path):
    (photos / "empty.jpg").touch()
    (photos / "text.png").write_text("not a picture")
    for name in ("clash.gif", "clash.png", "clash.gif.png"):
        (photos / name).write_bytes((photos / "deeper/picture-000.png").read_bytes())
    code, out, err = run(photos, tmp_path / "out")
    assert code == 2
    assert "3 failed" in out
    lines = err.splitlines()
    assert len(lines) == 3
    assert any("empty.jpg: the file is empty (0 bytes)" in line for line in lines)
    assert any("text.png: not a picture but a text file; expected JPEG" in line for line in lines)
    assert any("clash.gif.png: another source has the same output" in line for line in lines)
    assert "clash.png" in outputs_in(tmp_path / "out")
    assert sum(entry["status"] == "failed" for entry in manifest_of(tmp_path / "out")) == 3


def test_fail_fast(run, photos, tmp_path):
    (photos / "a.jpg").touch()
    code, out, _ = run(photos, tmp_path / "out", "--fail-fast", "--workers", 1)
    assert code == 2
    assert "1 failed" in out


def test_existing_outputs(run, photos, tmp_path):
    run(photos, tmp_path / "out")
    output = tmp_path / "out" / "picture-000.jpg"
    output.write_bytes(b"mine")
    code, out, _ = run(photos, tmp_path / "out")
    assert (code, output.read_bytes()) == (0, b"mine")
    assert "5 left alone (its output exists)" in out
    code, out, _ = run(photos, tmp_path / "out", "--resume")
    assert code == 0
    assert "1 colorized" in out
    assert "4 left alone (finished before)" in out
    assert output.read_bytes() != b"mine"
    _, out, _ = run(photos, tmp_path / "out", "--resume", "--saturation", 0.5)
    assert "5 colorized" in out
    _, out, _ = run(photos, tmp_path / "out", "--overwrite")
    assert "5 colorized" in out


def test_a_file_to_a_file(run, photos, tmp_path):
    code, _, _ = run(photos / "picture-000.jpg", tmp_path / "colour.webp")
    assert code == 0
    assert outputs_in(tmp_path) == sorted(
        [f"in/{name}" for name in outputs_in(photos)] + ["colour.webp"]
    )


def test_a_list_on_standard_input(run, photos, tmp_path, monkeypatch):
    import io

    monkeypatch.setattr(
        sys, "stdin", io.StringIO(f"{photos}/picture-000.jpg\n{photos}/picture-001.jpg\n")
    )
    code, _, _ = run("-", tmp_path / "out")
    assert code == 0
    assert outputs_in(tmp_path / "out") == ["picture-000.jpg", "picture-001.jpg"]


def test_dry_run_writes_nothing(run, photos, tmp_path):
    code, out, _ = run(photos, tmp_path / "out", "--dry-run", "--format", "webp")
    assert code == 0
    assert f"{photos}/picture-000.jpg -> {tmp_path}/out/picture-000.webp" in out.splitlines()
    assert not (tmp_path / "out").exists()


def test_json(run, photos, tmp_path):
    (photos / "empty.jpg").touch()
    code, out, _ = run(photos, tmp_path / "out", "--json")
    summary = json.loads(out)
    assert code == 2
    assert (summary["done"], summary["failed"], summary["skipped"]) == (5, 1, {})
    assert summary["images_per_second"] > 0
    assert not summary["stopped"]


def test_quiet_still_tells_failures(run, photos, tmp_path):
    (photos / "empty.jpg").touch()
    _, out, err = run(photos, tmp_path / "out", "--quiet")
    assert out == ""
    assert err.count("\n") == 1


def test_skip_color(run, tmp_path):
    from tests.engine.pictures.samples import FILES

    source = tmp_path / "in"
    source.mkdir()
    for name in ("gray.png", "rgb.png"):
        (source / name).write_bytes(FILES[name]())
    code, out, _ = run(source, tmp_path / "out", "--skip-color")
    assert code == 0
    assert "1 left alone (already in colour)" in out
    assert outputs_in(tmp_path / "out") == ["gray.png"]


def test_contact_sheet(run, photos, tmp_path):
    code, out, _ = run(photos, tmp_path / "out", "--contact-sheet", tmp_path / "sheet.jpg")
    assert code == 0
    assert "sheet.jpg" in out
    assert (
        PixelReader((tmp_path / "sheet.jpg").read_bytes(), ReadOptions(max_pixels=10**8)).width
        > 500
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere", "out"], "nowhere: no such file or folder"),
        (["in"], "expected SRC... DST, pictures and where"),
        (["in", "in"], "is SRC itself"),
        (["in", "out", "--format", "bmp"], "'bmp' is not one of 'keep', 'jpg'"),
        (["in", "out", "--chroma", "411"], "'411' is not one of '420', '444'"),
        (["in", "out", "--quality", "101"], "expected auto or 1..100, got '101'"),
        (["in", "out", "--workers", "0"], "expected auto or 1..256, got '0'"),
        (["in", "out", "--device", "abacus"], "expected one of auto, cpu"),
        (["in", "out", "--batch-size", "many"], "expected auto or 1..256"),
        (["in", "out", "--saturation", "9"], "saturation: expected 0..4"),
        (["in", "out", "--overwrite", "--resume"], "exclude each other"),
        (["in", "out", "--no-such-option"], "No such option"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_code_1(run, photos, monkeypatch, arguments, message):
    monkeypatch.chdir(photos.parent)
    code, out, err = run(*arguments)
    assert code == 1
    assert out == ""
    assert message in err
    assert err.startswith("colorize-batch: error: ")
    assert err.count("\n") == 1


def test_choices_are_refused_before_any_work(run, photos, tmp_path):
    code, _, _ = run(photos, tmp_path / "out", "--style", "loud")
    assert code == 1
    assert not (tmp_path / "out").exists()


def test_a_defect_is_one_line_and_its_traceback_goes_to_the_log(
    run, photos, tmp_path, monkeypatch, caplog
):
    def broken(*_, **__):
        raise ZeroDivisionError("by\nnothing")

    monkeypatch.setattr(batch, "plan_jobs", broken)
    code, _, err = run(photos, tmp_path / "out")
    assert code == 1
    assert err == (
        "colorize-batch: error: unexpected ZeroDivisionError: by (--debug shows where)\n"
    )
    with caplog.at_level(logging.DEBUG, "colorize_batch"):
        _, _, err = run(photos, tmp_path / "out")
    assert err == "colorize-batch: error: unexpected ZeroDivisionError: by\n"
    assert "in broken" in caplog.text


@pytest.mark.parametrize("how", ["option", "variable"])
def test_debug_shows_tracebacks(tmp_path, how):
    words = [*COMMAND, *["--debug"] * (how == "option"), "nowhere", "out"]
    variables = {"COLORIZE_DEBUG": "1"} if how == "variable" else {}
    done = subprocess.run(
        words, capture_output=True, text=True, cwd=tmp_path, env=os.environ | variables, check=False
    )
    assert done.returncode == 1
    assert "Traceback" in done.stderr
    assert done.stderr.endswith("colorize-batch: error: nowhere: no such file or folder\n")


def test_a_picture_that_meets_a_defect_leaves_a_traceback(
    run, photos, tmp_path, monkeypatch, caplog
):
    def broken(self, decoded):
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(PictureStages, "prepare", broken)
    with caplog.at_level(logging.DEBUG, "colorize_batch"):
        code, _, err = run(photos, tmp_path / "out")
    assert code == 2
    assert err.count("unexpected ZeroDivisionError: by nothing\n") == 5
    assert caplog.text.count("in broken") == 5


def test_the_model_that_ran_is_the_one_on_record(run, photos, tmp_path, monkeypatch):
    """Where a GPU fails, the CPU's model takes over; what it finished is finished next time."""
    chosen = []

    def choose(name, device):
        chosen.append(name)
        lite = choose_model("lite", "cpu")
        return replace(lite, device="cuda", requested_name="lite-int8", requested_device="auto")

    monkeypatch.setattr(batch, "choose_model", choose)
    code, out, err = run(photos, tmp_path / "out")
    assert (code, out[:12]) == (0, "5 colorized ")
    assert err.startswith("note: going on without a GPU, with lite-int8 on cpu: ")
    assert {entry["model"]["name"] for entry in manifest_of(tmp_path / "out")} == {"lite-int8"}
    code, out, _ = run(photos, tmp_path / "out", "--resume")
    assert "0 colorized" in out
    assert "5 left alone (finished before)" in out


def test_auto_goes_on_with_the_model_that_another_cpu_chose(run, photos, tmp_path, monkeypatch):
    def colorized(has_int8: bool, *options: str) -> tuple[str, str]:
        monkeypatch.setattr(cpu, "HAS_INT8_DOT_PRODUCT", has_int8)
        arguments = (photos, tmp_path / "out", "--device", "cpu", *options)
        _, out, err = run(*arguments, model="auto")
        return out, err

    colorized(True)
    out, err = colorized(False, "--resume")
    assert "0 colorized" in out
    assert "going on with lite-int8" in err
    assert "going on with" not in colorized(False, "--overwrite")[1]
    assert {entry["model"]["name"] for entry in manifest_of(tmp_path / "out")} == {
        "lite",
        "lite-int8",
    }


def test_a_model_without_contract(run, photos, tmp_path):
    (tmp_path / "text.onnx").write_text("no model")
    code, _, err = run(photos, tmp_path / "out", model=tmp_path / "text.onnx")
    assert code == 1
    assert "not a usable ONNX model" in err


def test_ctrl_c_keeps_what_is_done_and_resume_does_the_rest(tmp_path, write_pictures, tiny_model):
    write_pictures(tmp_path / "in", 400)
    out = tmp_path / "out"
    words = [*COMMAND, tmp_path / "in", out, "--model", tiny_model]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while process.poll() is None and len(list(out.glob("*.jpg"))) < 10:
        time.sleep(0.002)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "--resume" in err
    finished = len(manifest_of(out))
    assert 0 < finished < 400
    assert not list(out.glob(".*partial"))
    again = subprocess.run(
        [*words, "--resume", "--json"], capture_output=True, text=True, check=True
    )
    summary = json.loads(again.stdout)
    assert summary["skipped"] == {"finished before": finished}
    assert summary["done"] + finished == 400
    assert len(list(out.glob("*.jpg"))) == 400


def test_a_file_system_that_takes_no_more(tmp_path, write_pictures, tiny_model):
    """A limit on file size stands in for a full disk: the write fails half way."""
    write_pictures(tmp_path / "in", 3)

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (700, 700))

    done = subprocess.run(
        [*COMMAND, tmp_path / "in", tmp_path / "out", "--model", tiny_model],
        capture_output=True, text=True, preexec_fn=limit, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.count("cannot write") >= 3
    assert "Traceback" not in done.stderr
    assert outputs_in(tmp_path / "out") == []


def test_permission_denied(run, photos, tmp_path, monkeypatch):
    open_at_once = source_bytes._open_at_once

    def guarded(path, flags):
        if str(path).endswith("in/picture-000.jpg"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return open_at_once(path, flags)

    monkeypatch.setattr(source_bytes, "_open_at_once", guarded)
    code, out, err = run(photos, tmp_path / "out")
    assert code == 2
    assert "picture-000.jpg: cannot be read: Permission denied" in err
    assert out.startswith("4 colorized")


def test_no_torch_and_no_export_package_at_run_time(photos, tmp_path, tiny_model):
    script = (
        "import sys\n"
        "from colorize_batch.cli.reporting import exit_code_of\n"
        "from colorize_batch.cli import batch\n"
        "import typer\n"
        "command = typer.main.get_command(batch.app)\n"
        "code = exit_code_of(lambda: command(sys.argv[1:], standalone_mode=False), 'x')\n"
        "print(code, sorted({'torch', 'onnx', 'lightning', 'skimage', 'PIL'} & set(sys.modules)))\n"
    )
    words = [
        sys.executable,
        "-c",
        script,
        photos,
        tmp_path / "out",
        "--model",
        tiny_model,
        "--quiet",
    ]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout == "0 []\n"


def test_version_and_help():
    done = subprocess.run([*COMMAND, "--version"], capture_output=True, text=True, check=True)
    assert re.match(r"colorize-batch \d+\.\d+\.\d+; models: lite", done.stdout)
    help_text = subprocess.run(
        [*COMMAND, "--help"], capture_output=True, text=True, check=True
    ).stdout
    groups = re.split(r"╭─ ", help_text)
    assert [group.split()[0] for group in groups[3:]] == [
        "Colour", "Pictures", "Output", "Speed", "Messages"
    ]  # fmt: skip
    for group in groups[3:]:
        own = re.findall(r"^│ (--[a-z-]+)", group, re.MULTILINE)
        assert own == sorted(own)
    assert "Exit codes" in help_text


def test_resume_equals_verify(run, photos, tmp_path):
    run(photos, tmp_path / "out")
    output = tmp_path / "out" / "picture-001.jpg"
    good = output.read_bytes()
    output.write_bytes(bytes(len(good)))
    _, out, _ = run(photos, tmp_path / "out", "--resume")
    assert "5 left alone (finished before)" in out
    _, out, _ = run(photos, tmp_path / "out", "--resume=verify")
    assert "1 colorized" in out
    assert output.read_bytes() == good


def test_unfinished_files_are_removed(run, photos, tmp_path):
    partial = tmp_path / "out" / "deeper" / f".{'a' * 16}.partial"
    partial.parent.mkdir(parents=True)
    partial.touch()
    code, _, err = run(photos, tmp_path / "out")
    assert (code, partial.exists()) == (0, False)
    assert "1 unfinished files of a run that was killed are removed" in err


def test_another_box_with_the_same_names_replaces_nothing(run, photos, write_pictures, tmp_path):
    run(photos, tmp_path / "out")
    before = (tmp_path / "out" / "picture-000.jpg").read_bytes()
    box = tmp_path / "box2"
    write_pictures(box, 2)
    (box / "picture-000.jpg").write_bytes((box / "picture-001.jpg").read_bytes())
    code, _, err = run(box, tmp_path / "out", "--resume")
    assert code == 2
    assert "was made of another picture" in err
    assert (tmp_path / "out" / "picture-000.jpg").read_bytes() == before


def test_a_folder_that_cannot_be_listed_is_owed(run, photos, tmp_path, monkeypatch):
    scandir = os.scandir

    def guarded(path):
        if str(path).endswith("deeper"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", guarded)
    code, out, err = run(photos, tmp_path / "out", "--json")
    assert (code, json.loads(out)["failed"]) == (2, 1)
    assert "deeper: cannot be listed: Permission denied" in err


def test_outputs_that_are_removed_meanwhile_are_told(run, photos, tmp_path, monkeypatch):
    take = batch_results.BatchResults.take

    def taken(self, outcome):
        take(self, outcome)
        if outcome.job.output.name == "picture-002.jpg":
            outcome.job.output.unlink()

    monkeypatch.setattr(batch_results.BatchResults, "take", taken)
    code, out, err = run(photos, tmp_path / "out", "--json")
    assert (code, json.loads(out)["failed"]) == (2, 1)
    assert "picture-002.jpg was removed while the run went on" in err


def test_a_manifest_that_is_removed_meanwhile_is_told(run, photos, tmp_path, monkeypatch):
    end = batch_results.BatchResults.end

    def ended(self, *, is_whole):
        (tmp_path / "out" / MANIFEST_NAME).unlink()
        end(self, is_whole=is_whole)

    monkeypatch.setattr(batch_results.BatchResults, "end", ended)
    code, _, err = run(photos, tmp_path / "out")
    assert code == 2
    assert "was removed or replaced while the run went on" in err


def test_hints_by_file_name(run, photos, tmp_path):
    from tests.engine.inference.hinted_model import write_hinted_model

    model = write_hinted_model(tmp_path / "hinted.onnx")
    names = sorted(path.name for path in (photos / "deeper").iterdir())
    (tmp_path / "hints.json").write_text(
        json.dumps({f"deeper/{names[0]}": [{"x": 0.5, "y": 0.5, "color": "#ff0000", "radius": 1}]})
    )
    code, _, err = run(
        photos / "deeper", tmp_path / "out", "--hints", tmp_path / "hints.json", model=model
    )
    assert (code, err) == (0, "")
    warmth = []
    for name in names:
        rgb = (
            PixelReader((tmp_path / "out" / name).read_bytes(), ReadOptions(max_pixels=10**6))
            .decoded()
            .pixels.astype(int)
        )
        warmth.append((rgb[..., 0] - rgb[..., 1]).mean())
    assert warmth[0] > warmth[1] + 20


def test_resume_of_a_single_file_leaves_it_alone(run, photos, tmp_path):
    """A run to a file has no manifest, which could say with what it was made."""
    source, output = photos / "picture-000.jpg", tmp_path / "colour.jpg"
    assert run(source, output)[0] == 0
    output.write_bytes(b"mine")
    code, out, _ = run(source, output, "--resume")
    assert (code, output.read_bytes()) == (0, b"mine")
    assert "1 left alone (finished before)" in out


def test_pictures_in_colour_are_on_the_record_and_outputs_that_exist_are_not(run, tmp_path):
    from tests.engine.pictures.samples import FILES

    source = tmp_path / "in"
    source.mkdir()
    for name in ("gray.png", "rgb.png"):
        (source / name).write_bytes(FILES[name]())
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "gray.png").write_bytes(b"mine")
    assert run(source, tmp_path / "out", "--skip-color")[0] == 0
    (entry,) = manifest_of(tmp_path / "out")
    assert (entry["output"], entry["status"]) == ("rgb.png", "skipped")
    assert (entry["reason"], entry["output_bytes"]) == ("already in colour", 0)
    assert len(entry["source_sha256"]) == 64


def test_several_sources(run, photos, tmp_path):
    code, _, err = run(*sorted(photos.glob("*.jpg")), photos / "deeper", tmp_path / "out")
    assert code == 0, err
    assert outputs_in(tmp_path / "out") == outputs_in(photos)


def test_a_contact_sheet_of_another_kind_is_refused_before_the_work(run, photos, tmp_path):
    code, _, err = run(photos, tmp_path / "out", "--contact-sheet", tmp_path / "sheet.html")
    assert code == 1
    assert "must end in .jpg or .png" in err
    assert not (tmp_path / "out").exists()


def test_a_url_is_no_folder(run, photos, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, err = run(photos, "s3://bucket/out")
    assert code == 1
    assert "s3://bucket/out: expected a path on this machine" in err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]
