from __future__ import annotations

import numpy as np
import pytest

from colorize_batch.engine.film.color.frame_view import FrameViewer, looked_up
from colorize_batch.engine.film.media.color_tags import ColorTags
from colorize_batch.engine.film.media.libav import av
from colorize_batch.engine.film.media.pixel_layout import layout_of
from colorize_batch.engine.film.media.planes import plane_of
from colorize_batch.kernels import cpu

from ..films import frame_of, luma

TAGS = ColorTags(matrix=6, full_range=False, primaries=2, transfer=2)


def viewer(name, *, is_interlaced=False, motion=(24, 32)):
    return FrameViewer(
        layout_of(name), TAGS, is_interlaced=is_interlaced,
        motion_height=motion[0], motion_width=motion[1],
    )  # fmt: skip


@pytest.mark.parametrize("name", ["yuv420p", "yuv422p", "yuv444p", "yuv411p", "yuv420p10le"])
def test_views_have_the_size_of_chroma_and_the_full_range(name):
    layout = layout_of(name)
    view = viewer(name).view(frame_of(0, name, 120, 160))
    guide_u8 = looked_up(view.guide, view.table_u8)
    assert guide_u8.shape == (120 // layout.shrink_y, 160 // layout.shrink_x)
    assert view.small_u8.shape == (24, 32)
    full = (luma(0, 120, 160) - 16) * 255 / 219
    mean = full.reshape(guide_u8.shape[0], layout.shrink_y, -1, layout.shrink_x).mean((1, 3))
    assert np.abs(guide_u8 - mean).max() < 2.5
    whole = cpu.l_plane(full.round().astype(np.uint8), 30, 40)
    assert np.abs(view.l_plane(30, 40) - whole).max() < 1.5


def test_fields_are_reduced_apart():
    frame = av.VideoFrame(16, 16, "yuv420p")
    plane_of(frame, 0, 8)[0::2] = 16
    plane_of(frame, 0, 8)[1::2] = 235
    guide = viewer("yuv420p", is_interlaced=True).view(frame).guide
    assert (guide[0::2] == 16).all()
    assert (guide[1::2] == 235).all()
    mixed = viewer("yuv420p").view(frame).guide
    assert np.ptp(mixed) == 0


def test_a_film_of_one_pixel():
    view = viewer("yuv444p", motion=(16, 16)).view(frame_of(0, "yuv444p", 1, 1))
    assert (view.guide.shape, view.small_u8.shape) == ((1, 1), (16, 16))
