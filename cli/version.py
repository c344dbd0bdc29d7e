"""The option --version, which several commands have."""

from __future__ import annotations

import typer

from ..engine.inference.model_files import shipped_models
from ..kernels import jpeg


def print_version(requested: bool) -> None:
    """Print the version and leave, if requested."""
    if requested:
        from importlib.metadata import version

        paths = "coefficients" if jpeg.AVAILABLE else f"pixels ({jpeg.WHY_NOT})"
        print(
            f"colorize-batch {version('colorize-batch')}; models: {', '.join(shipped_models())}; "
            f"JPEG by {paths}"
        )
        raise typer.Exit
