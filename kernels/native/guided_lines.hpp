// The lines of edge-aware enlarging; kernels/reference/resample.py says how and cites the source.
#pragma once

#include <vector>

#include "picture.hpp"

namespace colorize {

// For every cell of every plane the line slope * guide + intercept that holds about it. Returns the
// slopes of all planes and then their intercepts.
std::vector<std::vector<float>> guided_lines(const std::vector<std::vector<float>>& planes,
                                             const std::vector<float>& guide, Size size);

}  // namespace colorize
