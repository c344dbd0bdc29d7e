// Written by fit_polynomials.py; do not edit.
#pragma once

namespace colorize {

// sRGB transfer function, linear 0.0031308..1; u = linear^(1/4).
// Largest error in float32: 5.3e-07.
inline constexpr float kCodedFromLinear[] = {
    -0.0584467277f,
    0.123577848f,
    1.46151412f,
    -1.15585923f,
    1.20908391f,
    -0.898343384f,
    0.394674182f,
    -0.0762011632f,
};

// its inverse, coded 0.04045..1; u = ((coded + 0.055) / 1.055)^(1/2).
// Largest error in float32: 3.4e-07.
inline constexpr float kLinearFromCoded[] = {
    0.000114618801f,
    -0.00184585969f,
    0.013327565f,
    -0.0596873276f,
    0.226138115f,
    0.891744912f,
    -0.0795211643f,
    0.00972913019f,
};

// CIELAB's cube root, Y (6/29)^3..1; u = Y^(1/4).
// Largest error in float32: 3.2e-07.
inline constexpr float kFFromLuminance[] = {
    -0.0087210089f,
    0.439787656f,
    1.1580503f,
    -1.32150841f,
    1.37950373f,
    -0.981943071f,
    0.41016835f,
    -0.0753376335f,
};

}  // namespace colorize
