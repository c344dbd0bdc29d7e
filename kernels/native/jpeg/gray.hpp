// The luma component of a JPEG as coefficients: read as an array, or written as a gray JPEG.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "library.hpp"

namespace colorize::jpeg {

// Writes the luma of a gray or YCbCr JPEG as a gray JPEG: the same quantised coefficients under
// the same table, progressive when the source is, restarts after as many blocks.
void write_gray(Bytes jpeg, GrowingDestination& destination);

struct Coefficients {
  int block_rows = 0;
  int block_columns = 0;
  std::vector<std::array<std::int16_t, DCTSIZE2>> blocks;  // quantised, natural (not zigzag) order
};

Coefficients luma_coefficients(Bytes jpeg);

}  // namespace colorize::jpeg
