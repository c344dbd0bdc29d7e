"""What archives need of `colorize-batch`: provenance, times, pages, and nothing passed over in silence."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
import typer
from PIL import Image

from colorize_batch.cli import batch
from colorize_batch.cli.reporting import exit_code_of
from colorize_batch.engine.batch.manifest import MANIFEST_NAME

RAMP = np.tile(np.linspace(30, 220, 64).astype(np.uint8), (48, 1))


@pytest.fixture
def run(tiny_model, capsys):
    """Run the command in this process; gives (exit code, standard output, standard error)."""

    def call(*arguments):
        command = typer.main.get_command(batch.app)
        words = [*map(str, arguments), "--model", str(tiny_model)]
        code = exit_code_of(lambda: command(words, standalone_mode=False), "colorize-batch")
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "a.jpg"
    Image.fromarray(RAMP).save(path)
    return path


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".tif", ".webp"])
def test_outputs_tell_that_they_are_colorized(run, photo, tmp_path, suffix):
    output = tmp_path / f"out{suffix}"
    assert run(photo, output)[0] == 0
    assert run("--is-colorized", output)[:2] == (
        0,
        f"{output}: yes, colour was added by colorize-batch\n",
    )
    assert run("--is-colorized", photo)[0] == 1
    plain = tmp_path / f"plain{suffix}"
    assert run(photo, plain, "--no-provenance")[0] == 0
    assert run("--is-colorized", plain)[0] == 1
    assert b"colorize-batch" not in plain.read_bytes()


def test_a_file_that_is_not_there_is_no_answer(run, tmp_path):
    code, _, err = run("--is-colorized", tmp_path / "none.jpg")
    assert code == 1
    assert "cannot be read" in err


def test_times_are_kept(run, photo, tmp_path):
    os.utime(photo, (1e9, 1e9))
    assert run(photo, tmp_path / "kept.jpg", "--keep-times")[0] == 0
    assert run(photo, tmp_path / "new.jpg")[0] == 0
    assert (tmp_path / "kept.jpg").stat().st_mtime == 1e9
    assert (tmp_path / "new.jpg").stat().st_mtime > 1e9


def test_a_label_is_seen(run, photo, tmp_path):
    assert run(photo, tmp_path / "plain.png")[0] == 0
    assert run(photo, tmp_path / "label.png", "--label", "Colour by a model")[0] == 0
    plain, label = (
        np.asarray(Image.open(tmp_path / f"{n}.png")).astype(int) for n in ("plain", "label")
    )
    changed = np.abs(plain - label).max(axis=2) > 30
    assert changed[-16:, :32].mean() > 0.3
    assert not changed[:16].any()


def test_what_is_passed_over_is_told_everywhere(run, photo, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    photo.rename(folder / "a.jpg")
    (folder / "film.MOV").write_bytes(b"x")
    (folder / "notes.txt").write_text("x")
    code, out, err = run(folder, tmp_path / "out", "--json")
    assert code == 0
    assert json.loads(out)["passed_over"] == {".mov": 1, ".txt": 1}
    lines = (tmp_path / "out" / MANIFEST_NAME).read_text().splitlines()
    assert json.loads(lines[-1])["passed_over"] == {".mov": 1, ".txt": 1}
    _, _, err = run(folder, tmp_path / "out", "--resume")
    assert "2 files are no pictures that can be read: 1 .mov, 1 .txt" in err


def test_pages_and_their_record(run, tmp_path):
    first, *others = [Image.fromarray(np.roll(RAMP, 9 * n, axis=1)) for n in range(3)]
    first.save(tmp_path / "pages.tif", save_all=True, append_images=others)
    code, _, _ = run(tmp_path / "pages.tif", tmp_path / "out")
    assert code == 0
    with Image.open(tmp_path / "out" / "pages.tif") as written:
        assert written.n_frames == 3
    code, _, err = run(tmp_path / "pages.tif", tmp_path / "one", "--format", "png")
    assert code == 0
    assert "pages.tif: 2 further pages of it are left out; --format tiff keeps them" in err
    entry = json.loads((tmp_path / "one" / MANIFEST_NAME).read_text().splitlines()[0])
    assert "2 further pages" in entry["notes"][0]


def test_what_a_format_cannot_hold_is_told_once(run, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in "abc":
        Image.fromarray(RAMP).save(folder / f"{name}.jpg", comment=b"box 12")
    _, _, err = run(folder, tmp_path / "out", "--format", "webp")
    assert err.count("JPEG comments cannot be held by WebP and is left out") == 1


def test_salvaged_pictures_are_marked(run, tmp_path):
    noise = np.random.default_rng(0).integers(60, 200, (96, 96), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "cut.png")
    data = (tmp_path / "cut.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(data[: len(data) // 2])
    code, _, err = run(tmp_path / "cut.png", tmp_path / "out.png")
    assert code == 2
    assert "--salvage" in err
    code, _, err = run(tmp_path / "cut.png", tmp_path / "out.png", "--salvage")
    assert code == 0
    assert "cut.png: it is damaged" in err
    assert b"<colorize:Salvaged>True" in (tmp_path / "out.png").read_bytes()
