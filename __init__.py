"""colorize-batch: colour for black-and-white photographs and film, in bulk."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

# ONNX Runtime 1.32 keeps a device id and a queue of events under the home folder and looks for a
# collector on the network. It reads this once, as it is loaded; child processes inherit it.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

if TYPE_CHECKING:
    from .colorizer import Colorizer
    from .engine.pictures.colorized_picture import ColorizedPicture
    from .engine.pictures.hint import Hint
    from .errors import BackendError, ColorizeError, ModelError, PictureError, UsageError

    __version__: str

__all__ = [
    "BackendError",
    "ColorizeError",
    "ColorizedPicture",
    "Colorizer",
    "Hint",
    "ModelError",
    "PictureError",
    "UsageError",
    "__version__",
]


def __getattr__(name: str) -> Any:
    """Load what is requested, so that `import colorize_batch` costs nothing."""
    if name == "__version__":
        from importlib.metadata import version

        return version("colorize-batch")
    if name in __all__:
        from . import errors

        if hasattr(errors, name):
            return getattr(errors, name)
        from . import colorizer

        return getattr(colorizer, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
