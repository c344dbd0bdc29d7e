"""`colorize-train evaluate`: how near a model's colours come to the true ones."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

import typer

from ..chosen_model import ChosenModel, choose_model
from ..engine.pictures.look import Look
from ..engine.pictures.preparation.preparation_options import PreparationOptions
from ..errors import MissingDependencyError, UsageError
from ..extras import needs_extra
from .engine_building import open_with_display
from .evaluation_report import print_faces, print_table, report_tables, write_sheet
from .options import AUTO, AsIs, Device, Saturation, Style, Upsample
from .reporting import console, print_skipped

if TYPE_CHECKING:
    from ..training.evaluation.faces import Faces
    from ..training.evaluation.recognition import Recognition
    from ..training.evaluation.scores import PhotoScore, ScoredPhoto

SHEET_ROWS: Final = 60


def evaluate(
    model: Annotated[
        str,
        typer.Argument(metavar="MODEL", help="A shipped model, an .onnx file, or a .ckpt of run."),
    ],
    photos: Annotated[
        list[str],
        typer.Argument(metavar="PHOTOS...", help="Colour photographs not used in training."),
    ],
    contact_sheet: Annotated[
        Path | None,
        typer.Option(help=f"Write gray | model | truth of the first {SHEET_ROWS} as .jpg or .png."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(metavar="CACHE", help="Measure the constant baseline's colour here."),
    ] = None,
    device: Device = AUTO,
    as_json: Annotated[
        bool, typer.Option("--json", help="As JSON with every photograph's numbers.")
    ] = False,
    labels: Annotated[
        Literal["imagenet", "cifar10"] | None,
        typer.Option(help="The classes that folders are named by: what pictures show."),
    ] = None,
    long_side: Annotated[int, typer.Option(help="Compare at this size at most, pixels.")] = 800,
    mean_ab: Annotated[
        str | None, typer.Option(metavar="A,B", help="The constant baseline's colour.")
    ] = None,
    recognize: Annotated[
        bool,
        typer.Option(
            "--recognize/--no-recognize", help="Ask a classifier what it makes of the pictures."
        ),
    ] = True,
    as_is: AsIs = False,
    faces: Annotated[
        bool, typer.Option("--faces", help="Measure faces apart; needs the extra 'faces'.")
    ] = False,
    saturation: Saturation = 1.0,
    style: Style = "natural",
    upsample: Upsample = "guided",
) -> None:
    """Measure how near a model's colours come to the true ones."""
    from ..training.dataset.find_photos import find_photos
    from ..training.evaluation.evaluate import evaluate as scores_of
    from ..training.evaluation.scores import Summary

    if long_side < 32:
        raise UsageError(f"--long-side {long_side}: expected at least 32")
    look = Look(saturation=saturation, style=style, upsample=upsample)
    constant = _constant(mean_ab, data)
    recognition = _recognition(labels) if recognize or labels is not None else None
    found_faces = _faces() if faces else None
    scores: list[PhotoScore] = []
    shown: list[ScoredPhoto] = []
    with _chosen(model, device) as chosen, open_with_display(chosen) as opened:
        contract = asdict(opened.backend.contract)
        found = scores_of(
            opened.backend,
            find_photos(photos),
            look=look,
            preparation=PreparationOptions(as_is=as_is),
            mean_ab=constant,
            long_side=long_side,
            on_skip=print_skipped,
        )
        for photo in found:
            scores.append(photo.score)
            if recognition is not None:
                recognition.add(photo)
            if found_faces is not None:
                found_faces.add(photo)
            if contact_sheet is not None and len(shown) < SHEET_ROWS:
                shown.append(photo)
    summary = Summary.of(scores)
    if contact_sheet is not None:
        write_sheet(shown, contact_sheet)
    recognized = recognition.results() if recognition is not None else {}
    face_colors = found_faces.results() if found_faces is not None else None
    if as_json:
        report = report_tables(scores, summary, recognized, contract)
        settings = {"long_side": long_side, "mean_ab": constant}
        measured = {"faces": None if face_colors is None else asdict(face_colors)}
        print(json.dumps(report | measured | settings, indent=1))
    else:
        print_table(summary, recognized, contract["name"])
        if found_faces is not None:
            print_faces(face_colors)


def _constant(text: str | None, cache: Path | None) -> tuple[float, float] | None:
    if text is not None:
        try:
            a, b = (float(part) for part in text.split(","))
        except ValueError:
            raise UsageError(f"--mean-ab {text!r}: expected two numbers, like 3.5,9.2") from None
        return a, b
    if cache is None:
        return None
    from ..training.dataset.photo_cache import PhotoCache
    from ..training.evaluation.mean_color import mean_ab

    return mean_ab(PhotoCache(cache))


def _faces() -> Faces:
    with needs_extra("train"):
        from ..training.evaluation.faces import Faces

    return Faces()


def _recognition(labels: str | None) -> Recognition | None:
    """Set up the classifier; without one say so, unless labels ask for it."""
    from ..training.evaluation.labels import Labels

    known = None if labels is None else Labels(labels)
    try:
        with needs_extra("train"):
            from ..training.evaluation.recognition import Recognition
        return Recognition(known)
    except MissingDependencyError as error:
        if known is not None:
            raise
        console.print(f"left out, what a classifier makes of the colours: {error}", markup=False)
        return None


@contextmanager
def _chosen(model: str, device: str) -> Iterator[ChosenModel]:
    """Choose the model; a checkpoint is exported to a file that lasts while needed."""
    if not model.endswith(".ckpt"):
        yield choose_model(model, device)
        return
    with needs_extra("export"):
        from ..export.onnx_from_checkpoint import ExportOptions, onnx_from_checkpoint
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoint.onnx"
        options = ExportOptions(name=model, license="not stated", training_data="not stated")
        onnx_from_checkpoint(Path(model), path, options)
        # An engine would take minutes to build, for a file that is gone afterwards.
        yield choose_model(path, device, engines=False)
