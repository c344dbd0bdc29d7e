"""A labelled set for `--skip-color`: photographs in colour, faded or not, and photographs of toned prints.

    python -m colorize_batch.benchmarks.toned_prints PHOTOS [--save DIR]

PHOTOS is a folder of colour photographs. Of each, one picture in colour and one of a print are made:
the print is gray, sepia, selenium, cyanotype or split-toned, grainy, and lies bare, on a card that may
be written on and stamped, beside a colour chart, or has stains. Printed are the measure of
`is_in_color` of both kinds and how many fall on the wrong side of its threshold.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..engine.pictures.is_in_color import COLOR_THRESHOLD, amount_of_color
from ..engine.pictures.pixel_reader import PixelReader
from ..engine.pictures.read_options import ReadOptions
from ..engine.pictures.vips import pyvips
from ..kernels.reference import lab_from_srgb
from ..kernels.reference.colorspace import srgb_from_lab

SIDE = 600
Rgb = NDArray[np.float64]
# a*, b* of shadows, middle tones and lights.
TONES = {
    "neutral": [(0, 0), (0, 0), (0, 0)],
    "warm scan": [(1, 2), (1, 4), (1, 6)],
    "sepia": [(4, 8), (9, 22), (3, 14)],
    "albumen": [(8, 10), (12, 24), (4, 20)],
    "selenium": [(4, -2), (5, -3), (1, 2)],
    "cyanotype": [(2, -22), (-4, -28), (-2, 2)],
    "split": [(2, -12), (2, 2), (2, 16)],
}
GROUNDS = ("bare", "bare", "card", "orange card", "card with ink", "chart", "stains", "foxing")


def photographs(folder: Path) -> Iterator[tuple[str, Rgb]]:
    """(name, sRGB in 0..1) of the colour pictures under a folder, `SIDE` at most."""
    for path in sorted(
        p for p in folder.rglob("*") if p.suffix.lower() in (".jpg", ".png", ".webp")
    ):
        pixels = PixelReader(path.read_bytes(), ReadOptions()).decoded().pixels
        if pixels.ndim == 3:
            image = pyvips.Image.new_from_array(np.ascontiguousarray(pixels))
            image = image.thumbnail_image(SIDE, height=SIDE, size="down")
            yield path.stem, image.numpy() / np.iinfo(pixels.dtype).max


def faded(rgb: Rgb, rng: np.random.Generator) -> tuple[str, Rgb]:
    """A colour photograph as it may be found: as it is, or pale, cast and grainy."""
    kind = rng.choice(["fresh", "faded", "magenta", "yellow", "cyan", "on card"])
    if kind == "fresh":
        return str(kind), rgb
    lab = lab_from_srgb(rgb)
    lab[..., 0] = 15 + 0.8 * lab[..., 0]
    lab[..., 1:] *= rng.uniform(0.4, 0.7)
    lab[..., 1:] += {"magenta": (10, 2), "yellow": (2, 14), "cyan": (-8, -6)}.get(str(kind), (1, 4))
    out = srgb_from_lab(lab) + rng.normal(0, 0.012, rgb.shape)
    return str(kind), on_ground(out, "card" if kind == "on card" else "bare", rng)


def toned(rgb: Rgb, rng: np.random.Generator) -> tuple[str, Rgb]:
    """A photograph of a black-and-white print of the picture."""
    tone = str(rng.choice(list(TONES)))
    ground = str(rng.choice(GROUNDS))
    lab = lab_from_srgb(rgb)
    knots = np.array(TONES[tone], dtype=float)
    for band in (0, 1):
        lab[..., 1 + band] = np.interp(lab[..., 0], [10, 50, 95], knots[:, band])
    lab[..., 0] = 8 + 0.86 * lab[..., 0]
    out = srgb_from_lab(lab) + rng.normal(0, rng.uniform(0.004, 0.02), rgb.shape)
    return f"{tone}, {ground}", on_ground(out, ground, rng)


def on_ground(rgb: Rgb, ground: str, rng: np.random.Generator) -> Rgb:
    """A print where it lies."""
    height, width = rgb.shape[:2]
    if ground in ("stains", "foxing"):
        rows, columns = np.mgrid[:height, :width]
        for _ in range(6 if ground == "stains" else 15):
            y, x = rng.uniform(0, height), rng.uniform(0, width)
            size = rng.uniform(*((0.05, 0.2) if ground == "stains" else (0.01, 0.03))) * max(
                height, width
            )
            mask = np.exp(-((((rows - y) ** 2 + (columns - x) ** 2) / size**2) ** 2))[
                ..., np.newaxis
            ]
            tint = (
                np.array([0.97, 0.9, 0.66]) if ground == "stains" else np.array([0.75, 0.55, 0.4])
            )
            rgb = rgb * (1 - mask * (1 - tint))
        return rgb
    if ground == "bare":
        return rgb
    border = int(rng.uniform(0.08, 0.25) * min(height, width))
    below = border
    paper = np.array({"orange card": [0.86, 0.6, 0.33], "chart": [0.05, 0.05, 0.05]}.get(
        ground, [0.93, 0.88, 0.76]))  # fmt: skip
    if ground == "chart":
        below, border = int(0.22 * height), border // 3
    sheet = np.ones((height + border + below, width + 2 * border, 3)) * paper
    sheet += rng.normal(0, 0.012, sheet.shape)
    sheet[border : border + height, border : border + width] = rgb
    if ground == "chart":
        patches = rng.uniform(0.05, 0.95, (2, 12, 3))
        top = border + height + below // 6
        for (row, column), color in zip(np.ndindex(2, 12), patches.reshape(-1, 3), strict=True):
            y, x = top + row * below // 3, border + column * width // 12
            sheet[y : y + below // 4, x : x + width // 14] = color
    if ground == "card with ink":
        for line in range(3):
            y = border + height + border // 4 * (line + 1) - 4
            for x in range(border, border + width // 2, 9):
                sheet[y : y + 4, x : x + 6] = (0.15, 0.2, 0.55)
        rows, columns = np.mgrid[: sheet.shape[0], : sheet.shape[1]]
        ring = np.hypot(rows - border - height + 10, columns - border - width + 30)
        sheet[np.abs(ring - border * 0.6) < 3] = (0.7, 0.15, 0.15)
    return sheet


def main() -> None:
    """Make the set, measure it, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("photos", type=Path)
    parser.add_argument("--save", type=Path)
    arguments = parser.parse_args()
    found: dict[str, list[tuple[float, str]]] = {"colour": [], "print": []}
    for number, (name, rgb) in enumerate(photographs(arguments.photos)):
        rng = np.random.default_rng(number)
        for label, make in (("colour", faded), ("print", toned)):
            kind, picture = make(rgb, rng)
            pixels = np.clip(np.rint(picture * 255), 0, 255).astype(np.uint8)
            found[label].append((amount_of_color(pixels), f"{name}: {kind}"))
            if arguments.save:
                arguments.save.mkdir(parents=True, exist_ok=True)
                target = arguments.save / f"{label}-{number:03}.jpg"
                pyvips.Image.new_from_array(pixels).write_to_file(str(target), Q=90)
    for label, values in found.items():
        amounts = sorted(amount for amount, _ in values)
        print(f"{label}: {len(values)} pictures; amount {amounts[0]:.2f} .. {amounts[-1]:.2f}, "
              f"quartiles {np.percentile(amounts, [25, 50, 75]).round(2)}")  # fmt: skip
        wrong = [v for v in sorted(values) if (v[0] > COLOR_THRESHOLD) != (label == "colour")]
        print(f"  on the wrong side of {COLOR_THRESHOLD}: {len(wrong)}")
        for amount, kind in wrong:
            print(f"    {amount:.2f} {kind}")


if __name__ == "__main__":
    main()
