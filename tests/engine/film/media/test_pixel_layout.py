from __future__ import annotations

import pytest

from colorize_batch.engine.film.media.encoders import ENCODERS
from colorize_batch.engine.film.media.pixel_layout import layout_of, nearest_layout
from colorize_batch.errors import UsageError


@pytest.mark.parametrize(
    ("name", "depth", "shrink", "has_luma_plane", "is_planar_yuv", "is_rgb"),
    [
        ("yuv420p", 8, (2, 2), True, True, False),
        ("yuv422p10le", 10, (2, 1), True, True, False),
        ("yuv411p", 8, (4, 1), True, True, False),
        ("gray", 8, (0, 0), True, False, False),
        ("gray16le", 16, (0, 0), True, False, False),
        ("gray10be", 10, (0, 0), False, False, False),
        ("nv12", 8, (2, 2), True, False, False),
        ("p010le", 10, (2, 2), False, False, False),
        ("yuyv422", 8, (2, 1), False, False, False),
        ("yuva444p", 8, (1, 1), True, False, False),
        ("rgb24", 8, (0, 0), False, False, True),
        ("gbrp12le", 12, (0, 0), False, False, True),
        ("pal8", 8, (0, 0), False, False, True),
        ("monow", 1, (0, 0), False, False, False),
        ("grayf32le", 32, (0, 0), False, False, False),
    ],
)
def test_layouts(name, depth, shrink, has_luma_plane, is_planar_yuv, is_rgb):
    layout = layout_of(name)
    assert (layout.depth, (layout.shrink_x, layout.shrink_y)) == (depth, shrink)
    assert layout.has_luma_plane == has_luma_plane
    assert layout.is_planar_yuv == is_planar_yuv
    assert layout.is_rgb == is_rgb


@pytest.mark.parametrize(
    ("source", "encoder", "size", "expected"),
    [
        ("yuv420p", "libx264", (48, 64), "yuv420p"),
        ("yuvj420p", "libx264", (48, 64), "yuv420p"),
        ("yuv422p10le", "libx264", (48, 64), "yuv422p10le"),
        ("gray", "libx264", (48, 64), "yuv420p"),
        ("gray12le", "libx264", (48, 64), "yuv420p10le"),
        ("gray12le", "libx265", (48, 64), "yuv420p12le"),
        ("rgb24", "libx264", (48, 64), "yuv420p"),
        ("yuv444p", "libsvtav1", (48, 64), "yuv420p"),
        ("yuv420p", "prores_ks", (48, 64), "yuv422p10le"),
        ("yuv420p", "libx264", (48, 63), "yuv444p"),
        ("yuv420p", "libx264", (47, 64), "yuv422p"),
    ],
)
def test_the_nearest_that_an_encoder_takes(source, encoder, size, expected):
    offered = ENCODERS[encoder].pixel_formats()
    assert nearest_layout(layout_of(source), offered, *size).name == expected


def test_no_format_for_odd_sizes():
    with pytest.raises(UsageError, match="63 x 48"):
        nearest_layout(layout_of("gray"), ENCODERS["libsvtav1"].pixel_formats(), 48, 63)
