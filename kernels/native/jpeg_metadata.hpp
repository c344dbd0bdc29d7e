// What a JPEG's APPn segments say: orientation, colour profile, JFIF and Adobe facts.
#pragma once

#include <cstdint>
#include <vector>

#include "jpeg_segments.hpp"

namespace colorize::jpeg {

// How a segment fares when the picture is written again in colour.
enum class SegmentFate { kKeep, kIccChunk, kRewritten };

// APPn and COM only. kRewritten: the writer makes its own (JFIF, Adobe) or it would be wrong in
// the new file (the MPF index holds byte offsets).
SegmentFate fate_of(const Segment& segment);

struct JfifFacts {
  bool present = false;
  int major_version = 1;
  int minor_version = 1;
  int density_unit = 0;
  int x_density = 1;
  int y_density = 1;
};

struct Metadata {
  int exif_orientation = 1;  // 1..8; 1 also when absent or out of range
  bool has_exif = false;
  bool has_adobe = false;
  int adobe_transform = -1;  // 0 RGB or CMYK, 1 YCbCr, 2 YCCK; -1 without an Adobe segment
  bool has_icc = false;      // any ICC chunk, whole or not
  std::vector<std::uint8_t> icc;  // empty when absent or when chunks are missing
  JfifFacts jfif;

  explicit Metadata(const Segments& segments);
};

// True when `icc` is an ICC profile whose data colour space is RGB (what a colour JPEG may carry).
bool is_rgb_profile(Bytes icc);

}  // namespace colorize::jpeg
