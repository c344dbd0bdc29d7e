// Every loop over the pixels of a row, compiled once for each instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

namespace colorize {

// Where each pixel of an enlarged row lies in the small one: at `cell` + `part` (0..1).
struct Places {
  const std::int32_t* cell;
  const float* part;
};

// A row of a small plane, ready to be enlarged: values and the steps to their right neighbours.
struct SmallRow {
  const float* value;
  const float* step;
};

// Rows of `T` are uint8_t or uint16_t over the full range; no two pointers of a call overlap.
template <class T>
struct PixelRows {
  // sum[i] += weight * row[i]
  void (*accumulate)(const T* row, float weight, std::size_t n, float* sum);
  // CIELAB's f of the luminance of n pixels
  void (*f_of_gray)(const T* gray, std::size_t n, float* f);
  void (*f_of_rgb)(const T* rgb, std::size_t n, float* f);
  // luma 0..1 of n pixels
  void (*luma_of_gray)(const T* gray, std::size_t n, float* luma);
  void (*luma_of_rgb)(const T* rgb, std::size_t n, float* luma);
  // n sRGB pixels of lightness f and offsets fx = a*/500, fz = -b*/200
  void (*recolor)(const float* f, const float* fx, const float* fz, std::size_t n, T* rgb);
};

struct Rows {
  const char* instruction_set;
  PixelRows<std::uint8_t> u8;
  PixelRows<std::uint16_t> u16;
  // fx[i] and fz[i] are what small[0] and small[1] hold at place i
  void (*enlarge)(const SmallRow* small, Places places, std::size_t n, float* fx, float* fz);
  // the same of lines over the guide: their slopes in small[0] and [1], intercepts in [2] and [3]
  void (*enlarge_guided)(const SmallRow* small, Places places, const float* guide, std::size_t n,
                         float* fx, float* fz);
  // Cb and Cr of n pixels of full-range luma and offsets fx, fz
  void (*chroma)(const std::uint8_t* luma, const float* fx, const float* fz, std::size_t n,
                 std::uint8_t* cb, std::uint8_t* cr);
  // L* of n gamma-coded pixels 0..1 with 1 or 3 channels
  void (*l_of_coded)(const float* coded, int channels, std::size_t n, float* l);
  // luma of n gamma-coded RGB pixels
  void (*luma_of_coded)(const float* rgb, std::size_t n, float* luma);
};

// The fastest set this processor runs; the choice is made once.
const Rows& rows();

// Pixels that one call of a row kernel takes, so that its buffers stay in the first cache.
inline constexpr std::size_t kRun = 512;

}  // namespace colorize
