"""Text drawn into a picture, on systems without fonts too."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from .vips import pyvips

# Latin, Greek and Cyrillic letters of DejaVu Sans; other scripts come from the system's fonts.
_FONTS: Final = Path(__file__).parent / "fonts"
_FONT_FILE: Final = _FONTS / "DejaVuSans-subset.ttf"
_SYSTEM_SETTINGS: Final = Path("/etc/fonts/fonts.conf")


def caption(text: str, dpi: int = 96) -> Any:
    """Coverage of a line of text as a libvips image.

    Parameters
    ----------
    text
        Not empty; plain text, no markup.
    dpi
        Scales 11-point letters to pixels.

    Returns
    -------
    pyvips.Image
        One band u8: 0 where there is paper, 255 where there is ink.
    """
    if not _SYSTEM_SETTINGS.exists() and "FONTCONFIG_PATH" not in os.environ:
        # fontconfig would complain on standard error; it reads this when it is first used.
        os.environ.setdefault("FONTCONFIG_FILE", str(_FONTS / "fonts.conf"))
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return pyvips.Image.text(escaped, font="DejaVu Sans 11", fontfile=str(_FONT_FILE), dpi=dpi)
