// Written by fit_polynomials.py; do not edit.
#pragma once

namespace colorize {

// sRGB transfer function, linear 0.0031308..1; u = linear^(1/4).
// Largest error in float32: 1.6e-06.
inline constexpr float kCodedFromLinear[] = {
    -0.0595468022f,
    0.13960655f,
    1.3659091f,
    -0.852927804f,
    0.657148719f,
    -0.318389058f,
    0.0682006404f,
};

// its inverse, coded 0.04045..1; u = ((coded + 0.055) / 1.055)^(1/2).
// Largest error in float32: 3.7e-07.
inline constexpr float kLinearFromCoded[] = {
    0.000378983212f,
    -0.00523134228f,
    0.0313341208f,
    -0.111280777f,
    0.312243849f,
    0.807913363f,
    -0.0353583284f,
};

// CIELAB's cube root, Y (6/29)^3..1; u = Y^(1/4).
// Largest error in float32: 8.7e-07.
inline constexpr float kFFromLuminance[] = {
    -0.0107927676f,
    0.466203302f,
    1.01800096f,
    -0.921111166f,
    0.712186813f,
    -0.332723379f,
    0.0682369694f,
};

}  // namespace colorize
