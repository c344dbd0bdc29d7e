"""Pixels of every colour space and number type as sRGB of 8 or 16 bits."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from ...errors import UnreadableError
from ...kernels.reference.colorspace import srgb_from_linear
from ...kernels.srgb_profile import gray_tones, is_srgb_profile
from .vips import pyvips

_GRAY: Final = frozenset({"b-w", "grey16"})
_LAB: Final = frozenset({"lab", "labs", "xyz"})
# Full scale of the number types that have no 8 or 16 unsigned bits.
_FULL_SCALE: Final = {"char": 127, "short": 32767, "uint": 4294967295, "int": 2147483647}


def in_srgb(image: Any, profile: bytes) -> Any:
    """Gray or RGB of sRGB tone, uchar or ushort; libvips' own ICC and colour conversions."""
    space = image.interpretation
    sixteen = image.format != "uchar"
    depth = 16 if sixteen else 8
    if space in _LAB and image.format not in ("uchar", "ushort"):
        eight = image.format == "float" and image.bands == 3 and space == "lab"
        return image.colourspace("srgb" if eight else "rgb16")
    if space == "cmyk":
        return image.icc_transform("srgb", embedded=True, input_profile="cmyk", depth=depth)
    if space in _GRAY or image.bands < 3:
        image = image[0].copy(interpretation="grey16" if sixteen else "b-w")
        if not profile or is_srgb_profile(profile):
            return image
        light = gray_tones(profile, 65536 if sixteen else 256)
        if light is not None:
            # Exact, where lcms would go through tables that are coarse in the shadows.
            most = 65535 if sixteen else 255
            table = np.rint(srgb_from_linear(np.clip(light, 0, 1)) * most)
            table = table.astype(np.uint16 if sixteen else np.uint8).reshape(1, -1)
            return image.maplut(pyvips.Image.new_from_array(table)).copy(
                interpretation="grey16" if sixteen else "b-w"
            )
        if profile[16:20] == b"RGB ":
            three = image.bandjoin([image, image])
            image = three.copy(interpretation="rgb16" if sixteen else "srgb")
        converted = _transformed(image, depth)
        return image[0] if converted is None else converted[1]
    if space in ("multiband", "rgb", "histogram"):
        image = image.extract_band(0, n=3).copy(interpretation="rgb16" if sixteen else "srgb")
    if profile[16:20] == b"RGB " and not is_srgb_profile(profile):
        converted = _transformed(image, depth)
        return image if converted is None else converted
    return image.colourspace("rgb16" if sixteen else "srgb")


def whole_numbers(image: Any) -> Any:
    """Pixels as u8 or u16; CIELAB and XYZ stay as they are.

    Signed and 32-bit numbers are taken over their full positive range. Floats are 0..1, or 0 to the
    least of 255, 65535 and their maximum where they go beyond.
    """
    if image.format in ("uchar", "ushort") or image.interpretation in _LAB:
        return image
    if image.interpretation == "scrgb":
        return image.colourspace("rgb16")
    gray = image.bands < 3
    full = _FULL_SCALE.get(image.format)
    if full is None:
        if image.format not in ("float", "double"):
            raise UnreadableError(f"pixels of type {image.format}; expected whole or real numbers")
        image = image.copy_memory()
        brightest = image.max()
        full = next((n for n in (1, 255, 65535) if brightest <= n), brightest)
    scaled = (image * (65535 / full) + 0.5).cast("ushort")
    return scaled.copy(interpretation="grey16" if gray else "rgb16")


def _transformed(image: Any, depth: int) -> Any | None:
    """Through the embedded profile to sRGB; None where the profile is no use."""
    try:
        return image.icc_transform("srgb", embedded=True, depth=depth)
    except pyvips.Error:
        return None
