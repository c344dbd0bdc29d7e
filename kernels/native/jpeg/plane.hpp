// One component's samples, 8 bit, rows from top to bottom without gaps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace colorize::jpeg {

struct Plane {
  int height;
  int width;
  std::vector<std::uint8_t> samples;

  Plane(int rows, int columns)
      : height(rows),
        width(columns),
        samples(static_cast<std::size_t>(rows) * static_cast<std::size_t>(columns)) {}

  std::uint8_t* row(int y) {
    return samples.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
  }
};

// A plane that somebody else owns.
struct PlaneView {
  int height;
  int width;
  const std::uint8_t* samples;

  const std::uint8_t* row(int y) const {
    return samples + static_cast<std::size_t>(y) * static_cast<std::size_t>(width);
  }
};

}  // namespace colorize::jpeg
