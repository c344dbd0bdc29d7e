// Colour science of one pixel in float32; every function is branch-free so that loops vectorise.
//
// The twin of kernels/reference, which cites the sources. Only rows.cpp may include this: it is
// compiled once for each instruction set, and COLORIZE_ISA keeps the copies apart.
#pragma once

#include <cmath>

#include "polynomials.hpp"

namespace colorize::COLORIZE_ISA {

struct Rgb {
  float r, g, b;
};

inline float lesser(float x, float y) { return x < y ? x : y; }
inline float greater(float x, float y) { return x > y ? x : y; }
inline float unit(float x) { return lesser(greater(x, 0.0f), 1.0f); }

template <int N>
inline float polynomial(const float (&coefficients)[N], float u) {
  float value = coefficients[N - 1];
  for (int i = N - 2; i >= 0; --i) value = value * u + coefficients[i];
  return value;
}

inline float fourth_root(float x) { return std::sqrt(std::sqrt(x)); }

// `coded` and `linear` lie in 0..1.
inline float linear_from_coded(float coded) {
  const float root = std::sqrt((coded + 0.055f) * (1.0f / 1.055f));
  const float curved = polynomial(kLinearFromCoded, root);
  return coded <= 0.04045f ? coded * (1.0f / 12.92f) : curved;
}

inline float coded_from_linear(float linear) {
  const float curved = polynomial(kCodedFromLinear, fourth_root(linear));
  return linear <= 0.0031308f ? 12.92f * linear : curved;
}

// The same continued: odd below 0, straight on above 1.
inline float coded_beyond(float linear) {
  const float size = std::fabs(linear);
  const float inside = lesser(size, 1.0f);
  return std::copysign(coded_from_linear(inside) + (1.055f / 2.4f) * (size - inside), linear);
}

inline float f_from_luminance(float y) {
  const float curved = polynomial(kFFromLuminance, fourth_root(y));
  return y > 216.0f / 24389.0f ? curved : (841.0f / 108.0f) * y + 4.0f / 29.0f;
}

inline float luminance_from_f(float f) {
  return f > 6.0f / 29.0f ? f * f * f : (f - 4.0f / 29.0f) * (108.0f / 841.0f);
}

// XYZ over its white from linear sRGB, rows X, Y, Z; each row sums to 1.
struct Matrix {
  double m[3][3];

  constexpr Matrix inverse() const {
    Matrix out{};
    double determinant = 0.0;
    for (int row = 0; row < 3; ++row) {
      for (int column = 0; column < 3; ++column) {
        const int r1 = (column + 1) % 3, r2 = (column + 2) % 3;
        const int c1 = (row + 1) % 3, c2 = (row + 2) % 3;
        out.m[row][column] = m[r1][c1] * m[r2][c2] - m[r1][c2] * m[r2][c1];
      }
    }
    for (int i = 0; i < 3; ++i) determinant += m[0][i] * out.m[i][0];
    for (auto& row : out.m) {
      for (double& value : row) value /= determinant;
    }
    return out;
  }
};

inline constexpr Matrix kXyzFromLinear{{
    {0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047},
    {0.2126729, 0.7151522, 0.0721750},
    {0.0193339 / 1.08883, 0.1191920 / 1.08883, 0.9503041 / 1.08883},
}};
inline constexpr Matrix kLinearFromXyz = kXyzFromLinear.inverse();

inline float luminance(Rgb linear) {
  constexpr const double (&weights)[3] = kXyzFromLinear.m[1];
  return static_cast<float>(weights[0]) * linear.r + static_cast<float>(weights[1]) * linear.g +
         static_cast<float>(weights[2]) * linear.b;
}

// What a linear colour adds to the gray of its luminance `y`. Since the rows of the matrix sum to
// 1, R - Y depends on X - Y and Z - Y alone, and is exactly 0 for gray.
// `fx` and `fz` are the offsets a*/500 and -b*/200 from f(Y).
inline Rgb linear_chroma(float f, float y, float fx, float fz) {
  constexpr const double (&m)[3][3] = kLinearFromXyz.m;
  const float x = luminance_from_f(f + fx) - y;
  const float z = luminance_from_f(f + fz) - y;
  return {static_cast<float>(m[0][0]) * x + static_cast<float>(m[0][2]) * z,
          static_cast<float>(m[1][0]) * x + static_cast<float>(m[1][2]) * z,
          static_cast<float>(m[2][0]) * x + static_cast<float>(m[2][2]) * z};
}

// The share of `chroma` that the gray `gray` (0..1) can take before a channel leaves 0..1.
// The tiny term turns 0/0, black or white without chroma, into 1.
inline float reach(float gray, Rgb chroma) {
  constexpr float kTiny = 1e-20f;
  const float highest = greater(greater(chroma.r, chroma.g), chroma.b);
  const float lowest = lesser(lesser(chroma.r, chroma.g), chroma.b);
  const float above = 1.0f - gray;
  return lesser((above + kTiny) / (greater(highest, above) + kTiny),
                (gray + kTiny) / (greater(-lowest, gray) + kTiny));
}

}  // namespace colorize::COLORIZE_ISA
