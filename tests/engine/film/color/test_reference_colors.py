from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from colorize_batch.engine.film.color.reference_colors import ReferenceColors
from colorize_batch.engine.film.color.scenes import Scene, read_scenes, write_scenes
from colorize_batch.engine.film.media.planes import plane_of
from colorize_batch.engine.pictures.vips import pyvips
from colorize_batch.errors import UsageError
from colorize_batch.kernels.reference import l_from_gray, lab_from_srgb, srgb_from_lab

from ..films import decoded, luma, write_film
from ..textures import texture

HEIGHT, WIDTH = 96, 128


def write_reference(path, lightness, ab):
    lab = np.stack([lightness, *ab], axis=-1)
    rgb = (np.clip(srgb_from_lab(lab), 0, 1) * 255 + 0.5).astype(np.uint8)
    pyvips.Image.new_from_array(rgb).copy(interpretation="srgb").write_to_file(str(path))
    return lab_from_srgb(rgb / 255)[..., 0].astype(np.float32)


def neutral(l_plane):
    return np.zeros((2, l_plane.shape[0] // 2, l_plane.shape[1] // 2), np.float32)


@pytest.fixture
def scene():
    """Lightness of a wide scene, and its colour: a red part and a blue part."""
    lightness = 30 + texture(3, HEIGHT, 2 * WIDTH) / 255 * 40
    ab = np.zeros((2, HEIGHT, 2 * WIDTH))
    ab[0, :, :WIDTH] = 30
    ab[1, :, WIDTH:] = -30
    return lightness, ab


def test_a_moved_frame_takes_over_the_colours(scene, tmp_path):
    lightness, ab = scene
    window = slice(64, 64 + WIDTH)
    write_reference(tmp_path / "r.png", lightness[:, window], ab[:, :, window])
    reference = ReferenceColors(tmp_path / "r.png", neutral, HEIGHT, WIDTH)
    moved = slice(64 + 24, 64 + 24 + WIDTH)
    l_plane = lightness[:, moved].astype(np.float32)
    found = reference.corrected(l_plane, neutral(l_plane))
    truth = ab[:, ::2, moved][:, :, ::2]
    seen = slice(0, WIDTH // 2 - 16)  # the rest was not in the reference
    error = np.hypot(*(found - truth))[:, seen].mean()
    assert error < 0.4 * np.hypot(*truth)[:, seen].mean()


def test_what_is_not_in_the_reference_is_left_alone(tmp_path):
    dark = np.full((HEIGHT, WIDTH), 20.0)
    write_reference(tmp_path / "r.png", dark, np.full((2, HEIGHT, WIDTH), 25.0))
    reference = ReferenceColors(tmp_path / "r.png", neutral, HEIGHT, WIDTH)
    bright = np.full((HEIGHT, WIDTH), 95, np.float32)
    assert np.abs(reference.corrected(bright, neutral(bright))).max() < 1
    again = np.full((HEIGHT, WIDTH), 20, np.float32)
    assert reference.corrected(again, neutral(again)).mean() > 20


def test_the_colour_of_a_film_follows_its_reference(colorize, tmp_path):
    source = write_film(tmp_path / "in.mp4", frames=4, shape=(192, 256))
    lightness = l_from_gray((luma(0, 192, 256).astype(int) - 16) / 219)
    write_reference(tmp_path / "r.png", lightness, np.stack([0 * lightness - 40, 0 * lightness]))
    colorize(source, tmp_path / "plain.nut", encoder="ffv1")
    colorize(source, tmp_path / "green.nut", encoder="ffv1", reference=tmp_path / "r.png")
    red_difference = {
        name: plane_of(decoded(tmp_path / f"{name}.nut")[2], 2, 8).mean()
        for name in ("plain", "green")
    }
    assert red_difference["plain"] > 140
    assert red_difference["green"] < 128
    (tmp_path / "scenes.csv").write_text("frame,seconds,reference\n0,,\n2,,r.png\n")
    colorize(source, tmp_path / "two.nut", encoder="ffv1", scenes=tmp_path / "scenes.csv")
    frames = decoded(tmp_path / "two.nut")
    assert plane_of(frames[1], 2, 8).mean() > 140
    assert plane_of(frames[3], 2, 8).mean() < 128


def test_references_that_are_none(tmp_path):
    (tmp_path / "noise.png").write_bytes(b"no picture")
    pyvips.Image.black(8, 8).write_to_file(str(tmp_path / "gray.png"))
    for name, message in [
        ("missing.png", "No such file"),
        ("noise.png", "noise.png"),
        ("gray.png", "expected a picture in colour"),
    ]:
        with pytest.raises(UsageError, match=message):
            ReferenceColors(tmp_path / name, neutral, HEIGHT, WIDTH)


def test_scenes_survive_the_file(tmp_path):
    write_scenes(tmp_path / "s.csv", (0, 25, 80), Fraction(25))
    assert read_scenes(tmp_path / "s.csv") == (Scene(0), Scene(25), Scene(80))
    (tmp_path / "s.csv").write_text("frame,reference\n0,\n9,art/nine.png\n")
    assert read_scenes(tmp_path / "s.csv") == (Scene(0), Scene(9, tmp_path / "art/nine.png"))


@pytest.mark.parametrize("text", ["", "frame\n", "frame\nx\n", "frame\n5\n5\n", "frame\n-1\n"])
def test_scenes_that_are_none(tmp_path, text):
    (tmp_path / "s.csv").write_text(text)
    with pytest.raises(UsageError, match=r"scenes .*s\.csv"):
        read_scenes(tmp_path / "s.csv")
