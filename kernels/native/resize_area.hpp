// Averaging a picture down by area; an axis that grows is interpolated linearly.
#pragma once

#include <vector>

#include "picture.hpp"

namespace colorize {

// Gamma-coded averages 0..1, (size.height, size.width, channels) in C order.
template <class T>
std::vector<float> resize_area(const Picture<T>& source, Size size);

}  // namespace colorize
