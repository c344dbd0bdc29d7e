// The chroma scans of a JPEG from planes of half the size that the file gives them.
#pragma once

#include <cstdint>
#include <vector>

#include "chroma.hpp"

namespace colorize::jpeg {

// Appends to `out` the Huffman tables and scans of `cb` and `cr`, of one size, as components kCbId
// and kCrId of twice that size each way. A square of 4x4 samples becomes the 16 lowest frequencies
// of a block; the others are 0, which is how a block looks that was enlarged by its cosines.
// Returns the quantisation table that the scans are coded with.
Quantization append_coarse_chroma(std::vector<std::uint8_t>& out, const PlaneView& cb,
                                  const PlaneView& cr, const ChromaOptions& options);

}  // namespace colorize::jpeg
