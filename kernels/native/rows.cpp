// The row kernels. Built once for each instruction set, with COLORIZE_ISA naming the copy.
//
// No template or inline function of the standard library with code of its own may be used here: the
// linker keeps one copy of such a function, and an old processor might not be able to run it.
#include "rows.hpp"

#include "color_math.hpp"

namespace colorize::COLORIZE_ISA {
namespace {

// Pixels whose channels are kept apart on the way between packed RGB and arithmetic: without it
// the instruction sets that cannot shuffle bytes would do one pixel at a time.
constexpr std::size_t kBlock = 64;

template <class T>
inline constexpr float kTop = sizeof(T) == 1 ? 255.0f : 65535.0f;

template <class T>
void accumulate(const T* __restrict row, float weight, std::size_t n, float* __restrict sum) {
  for (std::size_t i = 0; i < n; ++i) sum[i] += weight * static_cast<float>(row[i]);
}

// Channels 0..1 of up to kBlock pixels.
struct Planar {
  float r[kBlock], g[kBlock], b[kBlock];

  template <class T>
  void read(const T* __restrict rgb, std::size_t size) {
    constexpr float scale = 1.0f / kTop<T>;
    for (std::size_t i = 0; i < size; ++i) {
      r[i] = scale * static_cast<float>(rgb[3 * i]);
      g[i] = scale * static_cast<float>(rgb[3 * i + 1]);
      b[i] = scale * static_cast<float>(rgb[3 * i + 2]);
    }
  }
};

inline std::size_t block_size(std::size_t start, std::size_t n) {
  return n - start < kBlock ? n - start : kBlock;
}

inline float f_of_coded(Rgb coded) {
  return f_from_luminance(luminance(
      {linear_from_coded(coded.r), linear_from_coded(coded.g), linear_from_coded(coded.b)}));
}

inline float luma(Rgb coded) { return 0.299f * coded.r + 0.587f * coded.g + 0.114f * coded.b; }

template <class T>
void f_of_gray(const T* __restrict gray, std::size_t n, float* __restrict f) {
  for (std::size_t i = 0; i < n; ++i) {
    f[i] = f_from_luminance(linear_from_coded(static_cast<float>(gray[i]) * (1.0f / kTop<T>)));
  }
}

template <class T>
void f_of_rgb(const T* __restrict rgb, std::size_t n, float* __restrict f) {
  Planar coded;
  for (std::size_t start = 0; start < n; start += kBlock) {
    const std::size_t size = block_size(start, n);
    coded.read(rgb + 3 * start, size);
    for (std::size_t i = 0; i < size; ++i) {
      f[start + i] = f_of_coded({coded.r[i], coded.g[i], coded.b[i]});
    }
  }
}

template <class T>
void luma_of_gray(const T* __restrict gray, std::size_t n, float* __restrict out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = static_cast<float>(gray[i]) * (1.0f / kTop<T>);
}

template <class T>
void luma_of_rgb(const T* __restrict rgb, std::size_t n, float* __restrict out) {
  Planar coded;
  for (std::size_t start = 0; start < n; start += kBlock) {
    const std::size_t size = block_size(start, n);
    coded.read(rgb + 3 * start, size);
    for (std::size_t i = 0; i < size; ++i) {
      out[start + i] = luma({coded.r[i], coded.g[i], coded.b[i]});
    }
  }
}

template <class T>
T quantised(float linear) {
  return static_cast<T>(static_cast<int>(coded_from_linear(unit(linear)) * kTop<T> + 0.5f));
}

template <class T>
void recolor(const float* __restrict f, const float* __restrict fx, const float* __restrict fz,
             std::size_t n, T* __restrict rgb) {
  T red[kBlock], green[kBlock], blue[kBlock];
  for (std::size_t start = 0; start < n; start += kBlock) {
    const std::size_t size = block_size(start, n);
    for (std::size_t i = 0; i < size; ++i) {
      const float here = f[start + i];
      const float y = luminance_from_f(here);
      const Rgb chroma = linear_chroma(here, y, fx[start + i], fz[start + i]);
      const float share = reach(unit(y), chroma);
      red[i] = quantised<T>(y + share * chroma.r);
      green[i] = quantised<T>(y + share * chroma.g);
      blue[i] = quantised<T>(y + share * chroma.b);
    }
    T* out = rgb + 3 * start;
    for (std::size_t i = 0; i < size; ++i) {
      out[3 * i] = red[i];
      out[3 * i + 1] = green[i];
      out[3 * i + 2] = blue[i];
    }
  }
}

void stretch(const float* __restrict small, std::size_t n_small, Places places, std::size_t n,
             float* __restrict large) {
  const auto last = static_cast<std::int32_t>(n_small - 1);
  for (std::size_t i = 0; i < n; ++i) {
    const std::int32_t cell = places.cell[i];
    const float value = small[cell];
    large[i] = value + places.part[i] * (small[cell < last ? cell + 1 : last] - value);
  }
}

inline float at(RowPair pair, float part, std::size_t i) {
  return pair.upper[i] + part * (pair.lower[i] - pair.upper[i]);
}

void between(const RowPair* pairs, float part, std::size_t n, float* __restrict fx,
             float* __restrict fz) {
  const RowPair x = pairs[0], z = pairs[1];
  for (std::size_t i = 0; i < n; ++i) {
    fx[i] = at(x, part, i);
    fz[i] = at(z, part, i);
  }
}

void between_guided(const RowPair* pairs, float part, const float* __restrict guide, std::size_t n,
                    float* __restrict fx, float* __restrict fz) {
  const RowPair x_slope = pairs[0], z_slope = pairs[1], x_start = pairs[2], z_start = pairs[3];
  for (std::size_t i = 0; i < n; ++i) {
    fx[i] = at(x_slope, part, i) * guide[i] + at(x_start, part, i);
    fz[i] = at(z_slope, part, i) * guide[i] + at(z_start, part, i);
  }
}

void l_of_coded(const float* __restrict coded, int channels, std::size_t n, float* __restrict l) {
  for (std::size_t i = 0; i < n; ++i) {
    const float f = channels == 1 ? f_from_luminance(linear_from_coded(coded[i]))
                                  : f_of_coded({coded[3 * i], coded[3 * i + 1], coded[3 * i + 2]});
    l[i] = 116.0f * f - 16.0f;
  }
}

void luma_of_coded(const float* __restrict rgb, std::size_t n, float* __restrict out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = luma({rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]});
}

// The slope of luma over f along the grays: coded + 0.055 = 1.055 f^1.25 above the bend of f.
inline float gray_slope(float coded, float f) {
  return f > 6.0f / 29.0f ? 1.25f * (coded + 0.055f) / f : 12.92f * 108.0f / 841.0f;
}

template <class T>
void luma_of_code(const ChromaCode& code, const T* __restrict codes, std::size_t n,
                  float* __restrict out) {
  const float low = code.luma_low, scale = code.luma_scale;
  for (std::size_t i = 0; i < n; ++i) out[i] = unit((static_cast<float>(codes[i]) - low) * scale);
}

// Finds the f whose colour has the given luma by the secant method, starting at the gray of that
// luma, moved by what the colour adds to luma near gray. A block of pixels goes on until all of
// them are there: one to three rounds for the colours of photographs, more where sRGB ends. What is
// left of the luma's error hardly moves the chroma, which is taken against the luma reached.
template <class T>
void chroma(const ChromaCode& code, const float* __restrict luma, const float* __restrict fx,
            const float* __restrict fz, std::size_t n, T* __restrict cb, T* __restrict cr) {
  constexpr int kMostRounds = 12;
  constexpr float kTolerance = 0.15f / 255.0f, kToleranceOfLuma = 0.005f;
  const ChromaCode c = code;
  const float added_x = c.weights[0] * c.x[0] + c.weights[1] * c.x[1] + c.weights[2] * c.x[2];
  const float added_z = c.weights[0] * c.z[0] + c.weights[1] * c.z[1] + c.weights[2] * c.z[2];
  const float start_code = c.neutral + 0.5f;
  float f[kBlock], slope[kBlock], usual_slope[kBlock];
  float last_f[kBlock], last_error[kBlock], red[kBlock], green[kBlock], blue[kBlock];
  for (std::size_t start = 0; start < n; start += kBlock) {
    const std::size_t size = block_size(start, n);
    for (std::size_t i = 0; i < size; ++i) {
      const float target = luma[start + i];
      const float gray = f_from_luminance(linear_from_coded(target));
      f[i] = last_f[i] = gray - added_x * fx[start + i] - added_z * fz[start + i];
      slope[i] = usual_slope[i] = gray_slope(target, gray);
      last_error[i] = 0.0f;
    }
    for (int round = 0; round < kMostRounds; ++round) {
      int open = 0;
      for (std::size_t i = 0; i < size; ++i) {
        const float y = luminance_from_f(f[i]);
        const float x_more = luminance_from_f(f[i] + fx[start + i]) - y;
        const float z_more = luminance_from_f(f[i] + fz[start + i]) - y;
        const Rgb coded = {coded_beyond(y + c.x[0] * x_more + c.z[0] * z_more),
                           coded_beyond(y + c.x[1] * x_more + c.z[1] * z_more),
                           coded_beyond(y + c.x[2] * x_more + c.z[2] * z_more)};
        const float reached =
            c.weights[0] * coded.r + c.weights[1] * coded.g + c.weights[2] * coded.b;
        red[i] = coded.r - reached;
        green[i] = coded.g - reached;
        blue[i] = coded.b - reached;
        // The secant's slope, held near that of the grays: it may be lost where sRGB ends.
        const float error = reached - luma[start + i];
        const float moved = f[i] - last_f[i];
        const float measured = (error - last_error[i]) / moved;
        const float kept = std::fabs(moved) > 1e-4f ? measured : slope[i];
        slope[i] = lesser(greater(kept, 0.3f * usual_slope[i]), 3.0f * usual_slope[i]);
        last_f[i] = f[i];
        last_error[i] = error;
        f[i] -= error / slope[i];
        open += std::fabs(error) > kTolerance + kToleranceOfLuma * luma[start + i];
      }
      if (open == 0) break;
    }
    for (std::size_t i = 0; i < size; ++i) {
      const float share = reach(luma[start + i], {red[i], green[i], blue[i]});
      const float b = lesser(greater(share * c.cb_scale * blue[i] + start_code, 0.0f), c.top);
      const float r = lesser(greater(share * c.cr_scale * red[i] + start_code, 0.0f), c.top);
      cb[start + i] = static_cast<T>(static_cast<int>(b));
      cr[start + i] = static_cast<T>(static_cast<int>(r));
    }
  }
}

constexpr ChromaCode jfif() {
  constexpr const double (&m)[3][3] = kLinearFromXyz.m;
  return {0.0f,
          1.0f / 255.0f,
          {0.299f, 0.587f, 0.114f},
          {static_cast<float>(m[0][0]), static_cast<float>(m[1][0]), static_cast<float>(m[2][0])},
          {static_cast<float>(m[0][2]), static_cast<float>(m[1][2]), static_cast<float>(m[2][2])},
          255.0f / 1.772f,
          255.0f / 1.402f,
          128.0f,
          255.0f};
}

template <class T>
constexpr PixelRows<T> kPixelRows{accumulate<T>,  f_of_gray<T>,    f_of_rgb<T>, luma_of_gray<T>,
                                  luma_of_rgb<T>, luma_of_code<T>, chroma<T>,   recolor<T>};

}  // namespace

extern const Rows kRows;  // else a constant is this file's own
const Rows kRows{COLORIZE_ISA_NAME, jfif(),  kPixelRows<std::uint8_t>, kPixelRows<std::uint16_t>,
                 stretch,           between, between_guided,           l_of_coded,
                 luma_of_coded};

}  // namespace colorize::COLORIZE_ISA
