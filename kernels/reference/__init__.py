"""What every kernel computes, in float64 NumPy: readable, exact, slow.

The native kernels are tested against these functions, so a definition lives here and nowhere else.
Pictures are channels-last, (H, W, 3) or (H, W); planes are (H, W); ab planes are (2, h, w).
"""

from .chroma_code import ChromaCode
from .colorspace import (
    f_from_luminance,
    l_from_gray,
    lab_from_srgb,
    lab_from_xyz,
    linear_from_srgb,
    linear_from_xyz,
    luminance_from_linear,
    srgb_from_lab,
    srgb_from_linear,
    xyz_from_lab,
    xyz_from_linear,
)
from .film_chroma import film_chroma
from .gamut import pull_into_gamut
from .recolor import chroma_planes, l_plane, merge_ab
from .resample import resize_area, upsample_ab, upsample_bilinear, upsample_guided
from .ycbcr import luma_from_rgb, rgb_from_ycbcr, ycbcr_from_rgb

__all__ = [
    "ChromaCode",
    "chroma_planes",
    "f_from_luminance",
    "film_chroma",
    "l_from_gray",
    "l_plane",
    "lab_from_srgb",
    "lab_from_xyz",
    "linear_from_srgb",
    "linear_from_xyz",
    "luma_from_rgb",
    "luminance_from_linear",
    "merge_ab",
    "pull_into_gamut",
    "resize_area",
    "rgb_from_ycbcr",
    "srgb_from_lab",
    "srgb_from_linear",
    "upsample_ab",
    "upsample_bilinear",
    "upsample_guided",
    "xyz_from_lab",
    "xyz_from_linear",
    "ycbcr_from_rgb",
]
