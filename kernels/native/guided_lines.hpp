// The fast guided filter (He and Sun, 2015, arXiv:1505.00996) at the size of the small planes.
#pragma once

#include <vector>

#include "picture.hpp"

namespace colorize {

// Fits each plane as slope * guide + intercept in every window, and averages the lines over
// windows. Returns the slopes of all planes and then their intercepts.
std::vector<std::vector<float>> guided_lines(const std::vector<std::vector<float>>& planes,
                                             const std::vector<float>& guide, Size size);

}  // namespace colorize
