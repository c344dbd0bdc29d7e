// Views of pictures and planes that somebody else owns.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rows.hpp"

namespace colorize {

struct Size {
  std::size_t height;
  std::size_t width;
};

// (height, width, channels) pixels; rows may lie apart, or run upward with a negative stride.
template <class T>
struct Picture {
  const T* pixels;
  Size size;
  int channels;               // 1 gray, 3 sRGB
  std::ptrdiff_t row_stride;  // in T

  const T* row(std::size_t y) const { return pixels + static_cast<std::ptrdiff_t>(y) * row_stride; }
  const T* at(std::size_t y, std::size_t x) const {
    return row(y) + x * static_cast<std::size_t>(channels);
  }
};

template <class T>
const PixelRows<T>& pixel_rows();
template <>
inline const PixelRows<std::uint8_t>& pixel_rows<std::uint8_t>() {
  return rows().u8;
}
template <>
inline const PixelRows<std::uint16_t>& pixel_rows<std::uint16_t>() {
  return rows().u16;
}

}  // namespace colorize
