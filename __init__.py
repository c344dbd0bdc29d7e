"""colorize-batch: colour for black-and-white photographs and film, in bulk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .colorizer import ColorizedPicture, Colorizer

    __version__: str

__all__ = ["ColorizedPicture", "Colorizer", "__version__"]


def __getattr__(name: str) -> Any:
    """Load what is requested, so that `import colorize_batch` costs nothing."""
    if name == "__version__":
        from importlib.metadata import version

        return version("colorize-batch")
    if name in __all__:
        from . import colorizer

        return getattr(colorizer, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
