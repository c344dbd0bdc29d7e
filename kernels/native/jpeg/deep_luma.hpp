// The luma of a JPEG of 12 bits a sample, which libjpeg as it is usually built does not decode.
#pragma once

#include <cstdint>
#include <vector>

#include "library.hpp"

namespace colorize::jpeg {

// Samples over their full range, 0..4095, rows from top to bottom.
struct DeepPlane {
  int height = 0;
  int width = 0;
  std::vector<std::uint16_t> samples;
};

// The first component of an extended sequential file (SOF1), which must have the full size.
// Throws UnsupportedJpegError for other kinds, and DamagedJpegError.
DeepPlane decode_deep_luma(Bytes jpeg);

}  // namespace colorize::jpeg
