// Small a*, b* planes that can be read at any place of a large picture.
#pragma once

#include <vector>

#include "picture.hpp"

namespace colorize {

// The two planes of a model: a* and then b*, each (size.height, size.width) in C order.
struct AbPlanes {
  const float* values;
  Size size;
};

// Enlarges a* and b* row by row, as the offsets fx = a*/500 and fz = -b*/200 that CIELAB adds to
// f(Y). Holds nothing larger than the small planes and a few rows of the output's width: a small
// row is stretched once, and lies above or below several rows of the output.
class AbField {
 public:
  // Values that are not finite count as 0; chroma times `saturation` is limited to 134.
  // `small_guide`, the output's luma 0..1 averaged to the planes' size, makes the enlarging follow
  // the edges of the guide; empty, it is bilinear.
  AbField(AbPlanes planes, float saturation, const std::vector<float>& small_guide, Size output);
  AbField(const AbField&) = delete;
  AbField& operator=(const AbField&) = delete;

  void move_to_row(std::size_t y);

  // fx and fz of the `n` <= kRun pixels from column `x` on. `guide` is their luma; it is not read
  // when the enlarging is bilinear.
  void read(std::size_t x, std::size_t n, const float* guide, float* fx, float* fz) const;

 private:
  void stretch(std::size_t small_row);

  Size small_;
  std::size_t width_;
  double cells_per_row_;
  std::vector<std::vector<float>> planes_;  // fx and fz, or their slopes and then their intercepts
  std::vector<float> stretched_[2];         // even and odd small rows, one plane after the other
  std::size_t held_[2];                     // which small rows those are
  std::vector<RowPair> pairs_;              // of the row moved to, one for each plane
  float part_;
  std::vector<std::int32_t> cells_;
  std::vector<float> parts_;
};

}  // namespace colorize
