// Written by fit_polynomials.py; do not edit.
#pragma once

namespace colorize {

// The sRGB transfer function, linear 0.0031308..1; u = linear^(1/4).
// Largest error in float32: 7.2e-07.
inline constexpr float kCodedFromLinear[] = {
    -0.0584467202f, 0.123577781f,  1.46151459f,  -1.1558603f,
    1.20908618f,    -0.898345649f, 0.394675463f, -0.0762014613f,
};

// Its inverse, coded 0.04045..1; u = ((coded + 0.055) / 1.055)^(1/2).
// Largest error in float32: 3.0e-07.
inline constexpr float kLinearFromCoded[] = {
    0.000114618662f, -0.00184585794f, 0.0133275557f,  -0.0596873015f,
    0.22613807f,     0.891744971f,    -0.0795211866f, 0.00972913578f,
};

// CIELAB's cube root, Y (6/29)^3..1; u = Y^(1/4).
// Largest error in float32: 4.2e-07.
inline constexpr float kFFromLuminance[] = {
    -0.00872100331f, 0.439787596f,  1.15805078f,  -1.3215096f,
    1.37950575f,     -0.981945038f, 0.410169363f, -0.075337857f,
};

}  // namespace colorize
