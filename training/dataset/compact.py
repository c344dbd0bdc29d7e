"""A photograph's file as a cache keeps it: small, upright, sRGB."""

from __future__ import annotations

from typing import Any, Final

from ...engine.pictures.vips import pyvips
from .decode import decode_photo

# Above it the pictures' own compression is what one sees.
WEBP_QUALITY: Final = 90
# Kept byte for byte if there is nothing to change about them.
_KEPT_LOADERS: Final = ("jpegload_buffer", "webpload_buffer")
_ORIENTATION: Final = "orientation"
_PROFILE: Final = "icc-profile-data"


def compact_photo(encoded: bytes, *, short_side: int) -> tuple[bytes, int, int]:
    """Bring a photograph into the form in which a cache keeps it.

    A JPEG or WebP that is small enough, upright and without a colour profile stays as it is; everything
    else becomes a WebP of quality `WEBP_QUALITY`.

    Parameters
    ----------
    encoded
        The bytes of a picture file.
    short_side
        Pixels; a larger photograph is reduced to it.

    Returns
    -------
    bytes, int, int
        A JPEG or WebP in sRGB, its height and its width.

    Raises
    ------
    UnreadableError
        Not an image, damaged or truncated.
    """
    # Decoded in any case: a damaged file is to be found now and not in the middle of a run.
    rgb_u8_hwc = decode_photo(encoded, short_side=short_side)
    height, width, _ = rgb_u8_hwc.shape
    if _is_compact(encoded, height, width):
        return encoded, height, width
    image: Any = pyvips.Image.new_from_array(rgb_u8_hwc, interpretation="srgb")
    smaller: bytes = image.webpsave_buffer(Q=WEBP_QUALITY, strip=True)
    return smaller, height, width


def _is_compact(encoded: bytes, height: int, width: int) -> bool:
    header: Any = pyvips.Image.new_from_buffer(encoded, "")
    return (
        header.get("vips-loader") in _KEPT_LOADERS
        and (header.height, header.width) == (height, width)
        and (header.interpretation, header.bands) == ("srgb", 3)
        and _PROFILE not in header.get_fields()
        and (_ORIENTATION not in header.get_fields() or header.get(_ORIENTATION) == 1)
    )
