"""The scalar functions against the reference: as plain Python, and compiled over the whole cube."""

from __future__ import annotations

import inspect
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from numpy import float32

from colorize_batch.kernels import reference
from colorize_batch.kernels.cuda import luma_exact, pixel_math
from colorize_batch.kernels.cuda.binding import SIMULATED

UNIT = np.linspace(0, 1, 300).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "expected", "most"),
    [
        ("linear_from_coded", reference.linear_from_srgb, 3e-7),
        ("coded_from_linear", reference.srgb_from_linear, 3e-7),
        ("f_from_luminance", reference.f_from_luminance, 3e-7),
        ("f_from_gray", lambda v: (reference.l_from_gray(v) + 16) / 116, 3e-7),
    ],
)
def test_curves(name: str, expected: Any, most: float) -> None:
    got = [getattr(pixel_math, name)(value) for value in UNIT]
    assert {type(value) for value in got} == {float32}
    np.testing.assert_allclose(got, expected(UNIT), atol=most)


def test_curves_undo_each_other() -> None:
    for value in UNIT:
        linear = pixel_math.linear_from_coded(value)
        assert pixel_math.coded_from_linear(linear) == pytest.approx(value, abs=1e-6)
        f = pixel_math.f_from_luminance(value)
        assert pixel_math.luminance_from_f(f) == pytest.approx(value, abs=1e-6)


def test_coded_beyond_is_odd_and_goes_straight_on() -> None:
    for value in (float32(0.2), float32(1.7), float32(0.001)):
        beyond = pixel_math.coded_beyond(value)
        assert pixel_math.coded_beyond(-value) == -beyond
    slope = pixel_math.coded_beyond(float32(3)) - pixel_math.coded_beyond(float32(2))
    assert slope == pytest.approx(1.055 / 2.4, rel=1e-6)


def test_everything_stays_float32() -> None:
    """A float64 constant would spread, and cost the GPU a multiple of the time."""
    f, fx, fz = float32(0.6), float32(0.05), float32(-0.04)
    chroma = pixel_math.linear_chroma(f, pixel_math.luminance_from_f(f), fx, fz)
    assert {type(value) for value in chroma} == {float32}
    assert type(pixel_math.reach(float32(0.4), *chroma)) is float32
    assert type(pixel_math.rgb_from_f(f, fx, fz)) is np.int32
    assert type(luma_exact.chroma_from_luma(f, fx, fz)) is np.int32


@pytest.mark.needs_numba
@pytest.mark.skipif(SIMULATED, reason="the simulator compiles nothing")
@pytest.mark.parametrize(
    ("function", "limit"),
    [(pixel_math.rgb_from_f, 94), (luma_exact.chroma_from_luma, 77)],
)
def test_whole_cube(function: Any, limit: int) -> None:
    """Every level with all colours out to the limit, or to where L* of a luma is unique."""
    merging = function is pixel_math.rgb_from_f
    gray = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 29 * 29, axis=1)
    grid = np.stack(np.meshgrid(*2 * [np.linspace(-limit, limit, 29)])).reshape(2, 1, -1)
    ab = np.broadcast_to(grid, (2, *gray.shape)).astype(np.float32)
    packed = compiled_over(function, in_f=merging)(
        (gray / 255).astype(np.float32), ab[0] / float32(500), ab[1] / float32(-200)
    )
    if merging:
        got = np.stack([packed & 255, packed >> 8 & 255, packed >> 16], axis=-1)
        expected = reference.merge_ab(gray, ab)
    else:
        got = np.stack([packed & 255, packed >> 8])
        expected = reference.chroma_planes(gray, ab)
    assert np.abs(got - expected.astype(int)).max() <= 1


def compiled_over(function: Any, *, in_f: bool) -> Any:
    """Compile a scalar function of coded gray, or of its f, for arrays on the CPU."""
    import numba

    for module in (pixel_math, luma_exact):
        register_scalars(module)
    f_from_gray = pixel_math.f_from_gray

    @numba.njit(fastmath=True)
    def over(gray: Any, fx: Any, fz: Any) -> Any:
        out = np.empty(gray.shape, np.int32)
        for y in range(gray.shape[0]):
            for x in range(gray.shape[1]):
                here = f_from_gray(gray[y, x]) if in_f else gray[y, x]
                out[y, x] = function(here, fx[y, x], fz[y, x])
        return out

    return over


def register_scalars(module: ModuleType) -> None:
    from numba.extending import register_jitable

    for name, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ == module.__name__ and name != "scalar":
            register_jitable(fastmath=True)(function)
