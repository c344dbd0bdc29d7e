// Two chroma planes as the scans of a JPEG.
#pragma once

#include "plane.hpp"
#include "quantization.hpp"

namespace colorize::jpeg {

struct ChromaOptions {
  int quality;  // IJG, 1..100
  bool progressive;
  int restart_interval;  // in blocks of each plane; 0 is none
};

inline constexpr std::uint8_t kCbId = 2;
inline constexpr std::uint8_t kCrId = 3;
inline constexpr std::uint8_t kChromaTable = 1;  // of the quantisation and the Huffman tables

// Writes `cb` and `cr`, of one size, as a JPEG of the two components kCbId and kCrId, 1x1 sampled.
// Its scans are, byte for byte, those of a picture that has luma as a third component.
// Returns the quantisation table it uses.
Quantization write_chroma(const PlaneView& cb, const PlaneView& cr, const ChromaOptions& options,
                          GrowingDestination& destination);

}  // namespace colorize::jpeg
