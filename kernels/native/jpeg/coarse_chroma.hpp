// The chroma scans of a JPEG from planes of half the size that the file gives them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "chroma.hpp"
#include "entropy.hpp"

namespace colorize::jpeg {

// The entropy-coded data of a plane: all of it, or its DC scan and its AC scan where progressive.
struct CodedPlane {
  std::vector<std::uint8_t> first;
  std::vector<std::uint8_t> rest;
};

// Codes `cb` and `cr`, of one size, as components of twice that size each way. A square of 4x4
// samples becomes the 16 lowest frequencies of a block; the others are 0, which is how a block
// looks that was enlarged by its cosines.
std::array<CodedPlane, 2> code_coarse_chroma(const PlaneView& cb, const PlaneView& cr,
                                             const StandardTables& tables,
                                             const ChromaOptions& options);

// Appends to `out` the Huffman tables and the progressive scans of the same, as components kCbId
// and kCrId. Returns the quantisation table that the scans are coded with.
Quantization append_coarse_chroma(std::vector<std::uint8_t>& out, const PlaneView& cb,
                                  const PlaneView& cr, const ChromaOptions& options);

}  // namespace colorize::jpeg
