// Quantisation tables and the IJG quality (1..100) that they stand for.
#pragma once

#include <array>
#include <cstdint>

#include "library.hpp"

namespace colorize::jpeg {

// Divisors of the 64 coefficients in natural (not zigzag) order.
using Quantization = std::array<std::uint16_t, DCTSIZE2>;

// The IJG quality whose luma table (T.81, table K.1, scaled) differs least from `luma`.
int quality_of(const Quantization& luma);

Quantization quantization_of(const JQUANT_TBL& table);

}  // namespace colorize::jpeg
