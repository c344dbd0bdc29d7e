"""`colorize-export fetch`: a published model, from its publisher's server to its name here."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ..engine.inference.model_files import user_models
from ..engine.inference.published_files import PUBLISHED_FILES, published_file
from ..errors import UsageError
from ..extras import needs_extra
from .bar import Bar


def fetch_model(
    name: Annotated[
        str, typer.Argument(metavar="[NAME]", help="Of a published model; none lists them.")
    ] = "",
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Accept the licence without being asked.")
    ] = False,
    weights_only: Annotated[
        bool, typer.Option("--weights-only", help="Keep the file as published; do not import it.")
    ] = False,
) -> None:
    """Download a published model's weights, check them, and import them under their name."""
    if not name:
        _print_list()
        return
    published = published_file(name)
    with needs_extra("export"):
        from ..export.fetch_weights import fetch_weights
        from ..export.import_checkpoint import ImportOptions, import_checkpoint
        from ..training.public.families import PUBLIC_FAMILIES
    credit = next(each.credit for each in PUBLIC_FAMILIES if each.name == published.family)
    print(f"{published.name}: {credit}")
    print(f"licence {published.license}; {published.size_text} from {published.url}")
    print(f"sha256 {published.sha256}, from {published.hash_from}")
    _confirm(yes=yes)
    with Bar(published.file, published.size_bytes, quiet=False) as bar:
        path = fetch_weights(
            published,
            _weights_folder(),
            on_progress=lambda done, total: bar.draw(
                done, f"{done / 1e6:.0f} MB" + (f" of {total / 1e6:.0f}" if total else "")
            ),
        )
    if weights_only:
        print(path)
        return
    onnx_path = user_models() / f"{published.name}.onnx"
    onnx_path.parent.mkdir(parents=True, exist_ok=True)
    report = import_checkpoint(path, onnx_path, ImportOptions(name=published.name))
    print(
        f"{path} -> {onnx_path}; differs from PyTorch by at most {report.error_ab:.1e} ab units; "
        f"use it with: colorize-batch SRC DST --model {published.name}"
    )


def _print_list() -> None:
    for each in PUBLISHED_FILES:
        here = "here" if (user_models() / f"{each.name}.onnx").is_file() else each.size_text
        print(f"{each.name:<24} {here:>8}  {each.license:<13} {each.file}")


def _confirm(*, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise UsageError("the licence above must be accepted: add --yes")
    typer.confirm("Fetch it under this licence?", abort=True)


def _weights_folder() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "colorize-batch" / "weights"
