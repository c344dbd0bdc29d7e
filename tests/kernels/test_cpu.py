"""The native kernels against the float64 reference, and what they refuse."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from colorize_batch.kernels import cpu, reference

UPSAMPLES = ("bilinear", "guided")
SHAPES = ((61, 83), (61, 83, 3))
DTYPES = (np.uint8, np.uint16)
MOST_STEPS = {np.uint8: 1, np.uint16: 8}  # of difference to the reference


def picture(shape: tuple[int, ...], dtype: Any, seed: int = 0) -> NDArray[Any]:
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max + 1, shape, dtype)


def smooth_ab(seed: int = 0, spread: float = 40) -> NDArray[np.float32]:
    return np.random.default_rng(seed).normal(0, spread, (2, 9, 12)).astype(np.float32)


def ab_over(gray: NDArray[Any], limit: int, step: int) -> NDArray[np.float32]:
    """For (levels, n) gray: a* and b* of its size that run through a grid along each row."""
    grid = np.arange(-limit, limit + 1, step)
    pairs = np.stack(np.meshgrid(grid, grid)).reshape(2, 1, -1)
    assert gray.shape[1] == pairs.shape[2]
    return np.broadcast_to(pairs, (2, *gray.shape)).astype(np.float32)


def steps_apart(got: NDArray[Any], expected: NDArray[Any]) -> int:
    return int(np.abs(got.astype(np.int64) - expected).max())


@pytest.mark.parametrize("dtype", DTYPES)
def test_merge_over_the_whole_cube(dtype: Any) -> None:
    """Every u8 level, or every 257th u16 level and the darkest, with a*, b* far out of gamut."""
    top = np.iinfo(dtype).max
    levels = np.unique(
        np.r_[np.arange(0, 300), np.linspace(0, top, 256)].clip(0, top).astype(dtype)
    )
    gray = np.repeat(levels[:, None], 29 * 29, axis=1)
    ab = ab_over(gray, 126, 9)
    assert steps_apart(cpu.merge_ab(gray, ab), reference.merge_ab(gray, ab)) <= MOST_STEPS[dtype]


@pytest.mark.parametrize("upsample", UPSAMPLES)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
def test_merge_of_pictures(shape: tuple[int, ...], dtype: Any, upsample: Any) -> None:
    source = picture(shape, dtype)
    got = cpu.merge_ab(source, smooth_ab(), saturation=1.3, upsample=upsample)
    expected = reference.merge_ab(source, smooth_ab(), 1.3, upsample)
    assert got.dtype == dtype
    assert steps_apart(got, expected) <= MOST_STEPS[dtype]
    assert np.ptp(got.astype(np.int64), axis=-1).max() > 20  # it is in colour


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_gray_comes_back_as_it_was(dtype: Any) -> None:
    gray = np.arange(np.iinfo(dtype).max + 1, dtype=dtype).reshape(-1, 256)
    assert (cpu.merge_ab(gray, np.zeros((2, 4, 4), np.float32)) == gray[..., None]).all()


def test_chroma_over_the_whole_cube() -> None:
    """All lumas with all colours in and out of gamut, within the chroma where L* is unique."""
    luma = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 45 * 45, axis=1)
    ab = ab_over(luma, 110, 5)
    unique = np.hypot(*ab) <= 110
    apart = cpu.chroma_planes(luma, ab).astype(int) - reference.chroma_planes(luma, ab)
    assert np.abs(apart)[:, unique].max() <= 1


def test_chroma_beyond_the_unique_still_leaves_the_luma() -> None:
    luma = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 31 * 31, axis=1)
    cb, cr = cpu.chroma_planes(luma, ab_over(luma, 150, 10))
    rgb = reference.rgb_from_ycbcr(np.stack([luma, cb, cr], axis=-1))
    assert rgb.min() > -1.0
    assert rgb.max() < 256.0


@pytest.mark.parametrize("upsample", UPSAMPLES)
def test_chroma_of_pictures(upsample: Any) -> None:
    luma = picture((61, 83), np.uint8)
    got = cpu.chroma_planes(luma, smooth_ab(spread=25), saturation=1.2, upsample=upsample)
    expected = reference.chroma_planes(luma, smooth_ab(spread=25), 1.2, upsample)
    assert steps_apart(got, expected) <= 1


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [(1, 1), (17, 20), (61, 83), (60, 100), (130, 90)])
def test_l_plane(shape: tuple[int, ...], dtype: Any, size: tuple[int, int]) -> None:
    source = picture(shape, dtype)
    np.testing.assert_allclose(
        cpu.l_plane(source, *size), reference.l_plane(source, *size), atol=1e-3
    )


@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(1, 20),
    width=st.integers(1, 1100),
    small=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    upsample=st.sampled_from(UPSAMPLES),
    channels=st.sampled_from([(), (3,)]),
)
def test_any_sizes(
    height: int, width: int, small: tuple[int, int], upsample: Any, channels: tuple[int, ...]
) -> None:
    source = picture((height, width, *channels), np.uint8)
    ab = np.random.default_rng(1).normal(0, 30, (2, *small)).astype(np.float32)
    expected = reference.merge_ab(source, ab, 1.0, upsample)
    assert steps_apart(cpu.merge_ab(source, ab, upsample=upsample), expected) <= 1


@pytest.mark.parametrize("upsample", UPSAMPLES)
def test_values_that_are_not_finite_count_as_no_colour(upsample: Any) -> None:
    gray = picture((30, 40), np.uint8)
    ab = smooth_ab()
    ab[0, 2, 3], ab[1, 4, 4], ab[0, 5, 5], ab[1, 0, 0] = np.nan, np.inf, -np.inf, 3e38
    cleaned = np.nan_to_num(ab, nan=0, posinf=0, neginf=0)
    for kernel in (cpu.merge_ab, cpu.chroma_planes):
        got = kernel(gray, ab, saturation=1e6, upsample=upsample)
        assert (got == kernel(gray, cleaned, saturation=1e6, upsample=upsample)).all()


def test_rows_that_lie_apart_or_upside_down_are_read_in_place() -> None:
    large = picture((80, 90, 3), np.uint8)
    for view in (large[::2, 5:60], large[::-1, 5:60], large[10:11]):
        packed = np.ascontiguousarray(view)
        assert (cpu.merge_ab(view, smooth_ab()) == cpu.merge_ab(packed, smooth_ab())).all()
        assert (cpu.l_plane(view, 7, 9) == cpu.l_plane(packed, 7, 9)).all()


def test_read_only_sources_and_double_planes_are_taken() -> None:
    gray = picture((20, 20), np.uint8)
    expected = cpu.merge_ab(gray, smooth_ab())
    gray.flags.writeable = False
    assert (cpu.merge_ab(gray, smooth_ab().astype(np.float64)) == expected).all()


def test_out_is_written_and_returned() -> None:
    gray = picture((20, 30), np.uint8)
    rgb, l_out = np.zeros((20, 30, 3), np.uint8), np.zeros((5, 6), np.float32)
    cb_cr = np.zeros((2, 20, 30), np.uint8)
    assert cpu.merge_ab(gray, smooth_ab(), out=rgb) is rgb
    assert cpu.chroma_planes(gray, smooth_ab(), out=cb_cr) is cb_cr
    assert cpu.l_plane(gray, 5, 6, out=l_out) is l_out
    assert (rgb == cpu.merge_ab(gray, smooth_ab())).all()
    assert (cb_cr == cpu.chroma_planes(gray, smooth_ab())).all()
    assert (l_out == cpu.l_plane(gray, 5, 6)).all()


GRAY = np.zeros((4, 6), np.uint8)
AB = np.zeros((2, 2, 3), np.float32)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cpu.merge_ab(GRAY.astype(np.float32), AB), "uint8 or uint16"),
        (lambda: cpu.merge_ab(GRAY.astype(">u2"), AB), "uint8 or uint16"),
        (lambda: cpu.merge_ab(np.zeros((4, 6, 4), np.uint8), AB), "alpha"),
        (lambda: cpu.merge_ab(np.zeros(6, np.uint8), AB), r"\(H, W\)"),
        (lambda: cpu.merge_ab(np.zeros((0, 6), np.uint8), AB), "with pixels"),
        (lambda: cpu.merge_ab(GRAY[:, ::2], AB), "ascontiguousarray"),
        (lambda: cpu.merge_ab(GRAY, AB[:1]), r"ab_planes of shape \(2, h, w\)"),
        (lambda: cpu.merge_ab(GRAY, AB[:, :0]), "ab_planes"),
        (lambda: cpu.merge_ab(GRAY, AB, saturation=-1), "saturation"),
        (lambda: cpu.merge_ab(GRAY, AB, saturation=float("nan")), "saturation"),
        (lambda: cpu.merge_ab(GRAY, AB, upsample="cubic"), "cubic"),  # type: ignore[arg-type]
        (lambda: cpu.merge_ab(GRAY, AB, out=np.zeros((4, 5, 3), np.uint8)), "out"),
        (lambda: cpu.chroma_planes(GRAY.astype(np.uint16), AB), "luma_u8"),
        (lambda: cpu.chroma_planes(np.zeros((4, 6, 3), np.uint8), AB), "luma_u8"),
        (lambda: cpu.l_plane(GRAY, 0, 3), "at least 1"),
        (lambda: cpu.l_plane(GRAY, 2, 3, out=np.zeros((2, 3))), "out"),
    ],
)
def test_refusals_say_what_was_expected(call: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_native_border_checks_for_itself() -> None:
    """A caller that goes round `cpu` gets an error, not a crash."""
    from colorize_batch.kernels import _native

    rgb = np.zeros((4, 6, 3), np.uint8)
    for bad in (
        lambda: _native.merge_ab(GRAY, AB, 1.0, False, rgb[:3]),
        lambda: _native.merge_ab(GRAY, AB, 1.0, False, rgb.astype(np.uint16)),
        lambda: _native.merge_ab(GRAY, AB[:, :0], 1.0, False, rgb),
        lambda: _native.merge_ab(GRAY[:, ::2], AB, 1.0, False, rgb),
        lambda: _native.merge_ab(GRAY, AB, -1.0, False, rgb),
        lambda: _native.merge_ab(GRAY.astype(np.int32), AB, 1.0, False, rgb),
        lambda: _native.l_plane(GRAY, np.zeros((2, 0), np.float32)),
        lambda: _native.chroma_planes(rgb, AB, 1.0, False, np.zeros((2, 4, 6), np.uint8)),
    ):
        with pytest.raises(ValueError, match="expected"):
            bad()
    with pytest.raises(TypeError):
        _native.merge_ab(GRAY, AB[:1], 1.0, False, rgb)


def test_threads_do_not_disturb_each_other() -> None:
    sources = [picture((90, 700), np.uint8, seed) for seed in range(4)]
    expected = [cpu.merge_ab(s, smooth_ab(i), upsample="guided") for i, s in enumerate(sources)]
    wrong: list[int] = []

    def work(index: int) -> None:
        for _ in range(20):
            got = cpu.merge_ab(sources[index], smooth_ab(index), upsample="guided")
            if not (got == expected[index]).all():
                wrong.append(index)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
