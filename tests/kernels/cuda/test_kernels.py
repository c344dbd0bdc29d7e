"""The CUDA kernels against the float64 reference: on a GPU, or in the simulator.

`test_simulator` runs this file in the simulator. Pictures are small there and have every kind of
odd end; on a GPU they are of the size of photographs too.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from colorize_batch.kernels import reference
from tests.kernels.cuda.twin import Twin

pytestmark = [pytest.mark.needs_cuda, pytest.mark.timeout(900)]

UPSAMPLES = ("bilinear", "guided")
CHANNELS = ((), (3,))


def picture(shape: tuple[int, ...], seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


def smooth_ab(height: int, width: int, spread: float = 40) -> NDArray[np.float32]:
    return np.random.default_rng(1).normal(0, spread, (2, height, width)).astype(np.float32)


def steps_apart(got: NDArray[Any], expected: NDArray[Any]) -> int:
    assert got.shape == expected.shape
    return int(np.abs(got.astype(np.int64) - expected).max())


def ab_over(gray: NDArray[Any], limit: int, count: int) -> NDArray[np.float32]:
    """For (levels, count^2) gray: a*, b* of its size that run through a grid along each row."""
    grid = np.linspace(-limit, limit, count)
    pairs = np.stack(np.meshgrid(grid, grid)).reshape(2, 1, -1)
    return np.broadcast_to(pairs, (2, *gray.shape)).astype(np.float32)


@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("size", [(1, 1), (3, 5), (2, 30), (7, 4)])
def test_l_plane(twin: Twin, size: tuple[int, int], channels: tuple[int, ...]) -> None:
    """Averaged both ways, averaged one way and interpolated the other."""
    source = picture((5, 21, *channels))
    got = twin.l_plane(source, *size)
    np.testing.assert_allclose(got, reference.l_plane(source, *size), atol=1e-3)


@pytest.mark.parametrize(("width", "channels"), [(801, ()), (262, (3,))])
def test_l_plane_of_windows_larger_than_a_chunk(
    twin: Twin, width: int, channels: tuple[int, ...]
) -> None:
    source = picture((2, width, *channels))
    got = twin.l_plane(source, 1, 1)
    np.testing.assert_allclose(got, reference.l_plane(source, 1, 1), atol=1e-3)


@pytest.mark.parametrize("upsample", UPSAMPLES)
@pytest.mark.parametrize("channels", CHANNELS)
def test_merge(twin: Twin, upsample: Any, channels: tuple[int, ...]) -> None:
    source, ab = picture((5, 13, *channels)), smooth_ab(3, 4)
    got = twin.merge_ab(source, ab, saturation=1.3, upsample=upsample)
    assert steps_apart(got, reference.merge_ab(source, ab, 1.3, upsample)) <= 1
    assert np.ptp(got.astype(int), axis=-1).max() > 20  # it is in colour


@pytest.mark.parametrize("upsample", UPSAMPLES)
def test_chroma(twin: Twin, upsample: Any) -> None:
    luma, ab = picture((5, 13)), smooth_ab(3, 4, spread=25)
    got = twin.chroma_planes(luma, ab, saturation=1.2, upsample=upsample)
    assert steps_apart(got, reference.chroma_planes(luma, ab, 1.2, upsample)) <= 1


@pytest.mark.parametrize("upsample", UPSAMPLES)
@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 3)])
def test_pictures_smaller_than_their_ab_planes(
    twin: Twin, height: int, width: int, upsample: Any
) -> None:
    source, ab = picture((height, width, 3)), smooth_ab(3, 5)
    got = twin.merge_ab(source, ab, upsample=upsample)
    assert steps_apart(got, reference.merge_ab(source, ab, 1.0, upsample)) <= 1


def test_rows_of_more_than_one_block(twin: Twin) -> None:
    source, ab = picture((2, 519)), smooth_ab(1, 7, spread=25)
    assert steps_apart(twin.merge_ab(source, ab), reference.merge_ab(source, ab)) <= 1
    assert steps_apart(twin.chroma_planes(source, ab), reference.chroma_planes(source, ab)) <= 1


def test_every_gray_comes_back_as_it_was(twin: Twin) -> None:
    gray = np.arange(256, dtype=np.uint8).reshape(2, 128)
    no_color = np.zeros((2, 1, 1), np.float32)
    assert (twin.merge_ab(gray, no_color) == gray[..., None]).all()
    assert (twin.chroma_planes(gray, no_color) == 128).all()


def test_colors_far_out_of_gamut(twin: Twin) -> None:
    """Levels by colours: a coarse grid in the simulator, the whole cube on a GPU."""
    levels, count = (6, 7) if twin.simulated else (256, 45)
    gray = np.repeat(np.linspace(0, 255, levels).astype(np.uint8)[:, None], count**2, axis=1)
    ab = ab_over(gray, 126, count)
    assert steps_apart(twin.merge_ab(gray, ab), reference.merge_ab(gray, ab)) <= 1
    ab = ab_over(gray, 77, count)  # within the chroma where L* is unique
    assert steps_apart(twin.chroma_planes(gray, ab), reference.chroma_planes(gray, ab)) <= 1


@pytest.mark.parametrize("upsample", UPSAMPLES)
def test_values_that_are_not_finite_or_far_too_large(twin: Twin, upsample: Any) -> None:
    gray, ab = picture((3, 9)), smooth_ab(3, 4)
    ab[0, 1, 1], ab[1, 2, 2], ab[0, 0, 3], ab[1, 0, 0] = np.nan, np.inf, -np.inf, 3e38
    for saturation in (0.0, 1.0, 1e6):
        got = twin.merge_ab(gray, ab, saturation=saturation, upsample=upsample)
        expected = reference.merge_ab(gray, ab, saturation, upsample)
        assert steps_apart(got, expected) <= 1


@pytest.mark.parametrize("upsample", UPSAMPLES)
@pytest.mark.parametrize("channels", CHANNELS)
def test_photographs(twin: Twin, upsample: Any, channels: tuple[int, ...]) -> None:
    if twin.simulated:
        pytest.skip("too large for the simulator")
    source, ab = picture((1201, 1603, *channels)), smooth_ab(96, 128)
    l_apart = np.abs(twin.l_plane(source, 192, 256) - reference.l_plane(source, 192, 256))
    assert l_apart.max() <= 1e-3
    got = twin.merge_ab(source, ab, upsample=upsample)
    assert steps_apart(got, reference.merge_ab(source, ab, 1.0, upsample)) <= 1
    if not channels:
        ab *= 0.6
        got = twin.chroma_planes(source, ab, upsample=upsample)
        assert steps_apart(got, reference.chroma_planes(source, ab, 1.0, upsample)) <= 1
