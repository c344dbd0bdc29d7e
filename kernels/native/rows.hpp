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

// Two rows of a plane that has the width of the output already; a row between them lies at `part`.
struct RowPair {
  const float* upper;
  const float* lower;
};

// How a picture codes luma and chroma. Luma 0..1 is (code - luma_low) * luma_scale.
struct ChromaCode {
  float luma_low, luma_scale;
  float weights[3];  // of red, green and blue in luma
  float x[3], z[3];  // what X - Y and Z - Y, over their white, add to linear red, green and blue
  float cb_scale, cr_scale;  // codes to a unit of blue - luma, red - luma
  float neutral, top;        // code of no chroma, highest code
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
  // luma 0..1 of n codes
  void (*luma_of_code)(const ChromaCode& code, const T* codes, std::size_t n, float* luma);
  // Cb and Cr of n pixels of luma 0..1 and offsets fx = a*/500, fz = -b*/200
  void (*chroma)(const ChromaCode& code, const float* luma, const float* fx, const float* fz,
                 std::size_t n, T* cb, T* cr);
  // n sRGB pixels of lightness f and offsets fx, fz
  void (*recolor)(const float* f, const float* fx, const float* fz, std::size_t n, T* rgb);
};

struct Rows {
  const char* instruction_set;
  ChromaCode jfif;  // ITU-T T.871, 8 bit
  PixelRows<std::uint8_t> u8;
  PixelRows<std::uint16_t> u16;
  // large[i] is what the row `small` of n_small values holds at place i
  void (*stretch)(const float* small, std::size_t n_small, Places places, std::size_t n,
                  float* large);
  // fx and fz between the rows of pairs[0] and pairs[1]
  void (*between)(const RowPair* pairs, float part, std::size_t n, float* fx, float* fz);
  // the same of lines over the guide: their slopes in pairs[0] and [1], intercepts in [2] and [3]
  void (*between_guided)(const RowPair* pairs, float part, const float* guide, std::size_t n,
                         float* fx, float* fz);
  // L* of n gamma-coded pixels 0..1 with 1 or 3 channels
  void (*l_of_coded)(const float* coded, int channels, std::size_t n, float* l);
  // luma of n gamma-coded RGB pixels
  void (*luma_of_coded)(const float* rgb, std::size_t n, float* luma);
};

// The fastest set this processor runs; the choice is made once.
const Rows& rows();

// Whether this processor sums products of 8-bit numbers in one instruction, without overflow.
bool has_int8_dot_product();

// Pixels that one call of a row kernel takes, so that its buffers stay in the first cache.
inline constexpr std::size_t kRun = 512;

}  // namespace colorize
