// Smoothing over whole regions that stops at the edges of a guide; kernels/reference/global_smooth.py
// says how and cites the source.
#pragma once

#include <cstddef>

#include "picture.hpp"

namespace colorize {

// Smooths `count` planes in place. `guide` has `guides` planes of the same size.
void smooth_globally(float* planes, std::size_t count, const float* guide, std::size_t guides,
                     Size size, double strength);

}  // namespace colorize
