// What a JPEG's APPn and COM segments say, and how they fare when it is written in colour.
#pragma once

#include <cstdint>
#include <vector>

#include "segments.hpp"

namespace colorize::jpeg {

// Appends the APPn and COM segments of `source` to `out` as they are right for a YCbCr picture:
// - JFIF loses its thumbnail and JFXX is left out: they show the picture gray;
// - Exif is kept, with the link to its (gray) thumbnail directory cleared;
// - an Adobe segment announces YCbCr;
// - the MPF index is left out: its offsets point to other pictures, which are not copied;
// - the colour profile becomes `icc`, or none when that is empty;
// - all else stays. Without JFIF, Exif or Adobe segment a plain JFIF is written.
void append_metadata(std::vector<std::uint8_t>& out, const Segments& source, Bytes icc);

// The Exif orientation, 1..8; 1 also when absent or out of range.
int exif_orientation(const Segments& source);

// The ICC profile put together from its chunks; empty when absent or incomplete.
std::vector<std::uint8_t> icc_profile(const Segments& source);

// Appends a DRI segment: restarts after so many MCUs, 0 none.
void append_restart_interval(std::vector<std::uint8_t>& out, int interval);

// Appends one marker segment with its length.
void append_segment(std::vector<std::uint8_t>& out, std::uint8_t code, Bytes payload);

}  // namespace colorize::jpeg
