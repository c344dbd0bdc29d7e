"""Write `polynomials.hpp`: the curves of colour science as polynomials in a root of their argument.

A power of x is hard to fit near 0, a power of u = x^(1/4) is not: u runs over 0.24..1 where x runs
over 0.003..1, and two square roots are cheap in every vector unit. The fit is Chebyshev
least squares reweighted toward the smallest maximum error (C. L. Lawson, 1961).

Run from this folder: ``python fit_polynomials.py > polynomials.hpp``
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.polynomial import Chebyshev, Polynomial
from numpy.typing import NDArray

Values = NDArray[np.float64]

DEGREE = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One function to fit: `of_root(u)` over `low`..1."""

    name: str
    meaning: str
    of_root: Callable[[Values], Values]
    low: float


CURVES = (
    Curve(
        name="kCodedFromLinear",
        meaning="The sRGB transfer function, linear 0.0031308..1; u = linear^(1/4)",
        of_root=lambda u: 1.055 * u ** (4 / 2.4) - 0.055,
        low=0.0031308**0.25,
    ),
    Curve(
        name="kLinearFromCoded",
        meaning="Its inverse, coded 0.04045..1; u = ((coded + 0.055) / 1.055)^(1/2)",
        of_root=lambda u: u**4.8,
        low=((0.04045 + 0.055) / 1.055) ** 0.5,
    ),
    Curve(
        name="kFFromLuminance",
        meaning="CIELAB's cube root, Y (6/29)^3..1; u = Y^(1/4)",
        of_root=lambda u: u ** (4 / 3),
        low=(6 / 29) ** 0.75,
    ),
)


def main() -> None:
    """Write the header to standard output."""
    lines = ["// Written by fit_polynomials.py; do not edit.", "#pragma once", ""]
    lines += ["namespace colorize {", ""]
    for curve in CURVES:
        coefficients, error = fitted(curve)
        lines += [f"// {curve.meaning}.", f"// Largest error in float32: {error:.1e}."]
        lines += [f"inline constexpr float {curve.name}[] = {{"]
        lines += [f"    {value:.9g}f," for value in coefficients] + ["};", ""]
    lines += ["}  // namespace colorize", ""]
    sys.stdout.write("\n".join(lines))


def fitted(curve: Curve) -> tuple[NDArray[np.float32], float]:
    """Coefficients from u^0 up, and the largest error of their float32 evaluation."""
    samples = 4096
    angles = (np.arange(samples) + 0.5) * np.pi / samples
    u = (1 + curve.low) / 2 + (1 - curve.low) / 2 * np.cos(angles)
    truth = curve.of_root(u)
    weights = np.ones(samples)
    series = Chebyshev.fit(u, truth, DEGREE, domain=[curve.low, 1])
    for _ in range(60):
        misfit = np.abs(series(u) - truth)
        weights *= np.sqrt(misfit / misfit.max() + 1e-9)
        weights /= weights.sum()
        series = Chebyshev.fit(u, truth, DEGREE, domain=[curve.low, 1], w=np.sqrt(weights))
    coefficients = series.convert(kind=Polynomial).coef.astype(np.float32)
    value = np.zeros(samples, dtype=np.float32)
    for coefficient in coefficients[::-1]:
        value = value * u.astype(np.float32) + coefficient
    return coefficients, float(np.abs(value - truth).max())


if __name__ == "__main__":
    main()
