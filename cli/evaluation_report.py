"""The results of `colorize-train evaluate`: for readers, as JSON and as a picture."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..training.evaluation.faces import FaceColors
    from ..training.evaluation.metrics import ColorMetrics
    from ..training.evaluation.recognition import Recognized
    from ..training.evaluation.scores import PhotoScore, ScoredPhoto, Summary


def print_table(summary: Summary, recognized: Mapping[str, Recognized], model_name: str) -> None:
    """Print a row a measure, a column a method; `recognized` may be empty."""
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"{model_name} on {summary.photos} photographs", title_justify="left")
    table.add_column()
    names = {"gray": "left gray", "constant": "one colour"}
    for method in (*summary.metrics, "truth"):
        table.add_column(names.get(method, method), justify="right")
    measured = summary.metrics.values()
    gains = [
        "" if name == "model" else f"{summary.gain_over(name):.1%}" for name in summary.metrics
    ]
    table.add_row("CIEDE2000", *(f"{each.ciede2000:.2f}" for each in measured), "0")
    table.add_row("  the model is better by", *gains)
    table.add_row("PSNR, dB", *(f"{each.psnr_db:.2f}" for each in measured))
    table.add_row("SSIM", *(f"{each.ssim:.3f}" for each in measured), "1")
    colors = [each.colorfulness for each in measured]
    table.add_row(
        "colourfulness", *(f"{each:.1f}" for each in (*colors, summary.true_colorfulness))
    )
    table.add_row("  gap to the truth", *(f"{each.colorfulness_gap:.1f}" for each in measured), "0")
    plain = [each.blotches for each in measured]
    table.add_row("blotches on what is plain", *map(_shown, (*plain, summary.true_blotches)))
    table.add_row("bleeding over edges", *(_shown(each.bleeding, ".0%") for each in measured), "0%")
    # In the order of the columns: the truth comes last.
    seen = [recognized[name] for name in (*summary.metrics, "truth") if name in recognized]
    for title, shown in (
        ("Frechet distance, Lite0", [each.frechet_lite0 for each in seen]),
        ("taken for the same as the truth", [each.agreement for each in seen]),
        ("taken for what the label says", [each.accuracy for each in seen]),
    ):
        form = ".2f" if title.startswith("Frechet") else ".1%"
        if any(value is not None for value in shown):
            table.add_row(title, *("" if value is None else format(value, form) for value in shown))
    Console(highlight=False).print(table)


def print_faces(colors: FaceColors | None) -> None:
    """Print what was measured of faces, a line a measure; of none, that there was none."""
    if colors is None:
        print("faces: none found")
        return
    differences = ", ".join(f"{name} {value:.2f}" for name, value in colors.ciede2000.items())
    print(f"faces: {colors.faces}; CIEDE2000 {differences}")
    print(
        f"  chroma {colors.chroma_bias:+.1f}, hue {colors.hue_bias:+.0f} degrees (off by {colors.hue_error:.0f})"
    )
    print(f"  unevenness {colors.unevenness:.2f}, in truth {colors.true_unevenness:.2f}")


def report_tables(
    scores: list[PhotoScore],
    summary: Summary,
    recognized: Mapping[str, Recognized],
    contract: dict[str, Any],
) -> dict[str, Any]:
    """Everything as what JSON can hold; `contract` is that of the model."""
    return {
        "model": contract,
        "photos": summary.photos,
        "true_colorfulness": summary.true_colorfulness,
        "true_blotches": _known(summary.true_blotches),
        "means": {method: _tables(metrics) for method, metrics in summary.metrics.items()},
        "gain_over": {
            method: summary.gain_over(method) for method in summary.metrics if method != "model"
        },
        "recognized": {method: asdict(each) for method, each in recognized.items()} or None,
        "each": [
            {
                "name": score.name,
                "true_colorfulness": score.true_colorfulness,
                "true_blotches": _known(score.true_blotches),
                **{method: _tables(metrics) for method, metrics in score.metrics.items()},
            }
            for score in scores
        ],
    }


def write_sheet(photos: list[ScoredPhoto], path: Path) -> None:
    """Write gray, model and truth of photographs side by side; raises as `write_contact_sheet`."""
    from ..engine.batch.contact_sheet import write_contact_sheet

    rows = []
    for photo in photos:
        model, gray = (photo.score.metrics[name].ciede2000 for name in ("model", "gray"))
        caption = f"{photo.score.name}: CIEDE2000 {model:.1f}, gray {gray:.1f}"
        rows.append((caption, [photo.colored["gray"], photo.colored["model"], photo.true_u8]))
    write_contact_sheet(rows, path, ["gray", "model", "truth"], across=2)


def _shown(value: float, form: str = ".2f") -> str:
    return "" if math.isnan(value) else format(value, form)


def _known(value: float) -> float | None:
    """JSON has no word for what cannot be measured but null."""
    return None if math.isnan(value) else value


def _tables(metrics: ColorMetrics) -> dict[str, float | None]:
    return {name: _known(value) for name, value in asdict(metrics).items()}
