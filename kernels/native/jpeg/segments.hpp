// The marker structure of a JPEG: where each segment and each scan's entropy-coded data lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "library.hpp"

namespace colorize::jpeg {

// Marker codes, ITU-T T.81, table B.1.
namespace marker {
inline constexpr std::uint8_t kSof2 = 0xC2;
inline constexpr std::uint8_t kDht = 0xC4;
inline constexpr std::uint8_t kSoi = 0xD8;
inline constexpr std::uint8_t kEoi = 0xD9;
inline constexpr std::uint8_t kSos = 0xDA;
inline constexpr std::uint8_t kDqt = 0xDB;
inline constexpr std::uint8_t kDri = 0xDD;
inline constexpr std::uint8_t kApp0 = 0xE0;
inline constexpr std::uint8_t kApp1 = 0xE1;
inline constexpr std::uint8_t kApp2 = 0xE2;
inline constexpr std::uint8_t kApp14 = 0xEE;
inline constexpr std::uint8_t kApp15 = 0xEF;
inline constexpr std::uint8_t kCom = 0xFE;
}  // namespace marker

// One marker segment. The spans point into the bytes that were parsed.
struct Segment {
  std::uint8_t code = 0;
  Bytes payload;  // without the marker and the two length bytes
  Bytes entropy;  // SOS only: the coded data up to the next marker that is no RSTn
};

// What the frame header (SOFn) says of itself.
struct FrameHeader {
  std::uint8_t code = 0;  // the SOFn marker
  int precision_bits = 0;
  int height = 0;
  int width = 0;
  int components = 0;
};

// The segments between SOI and EOI, in file order.
struct Segments {
  std::vector<Segment> all;
  FrameHeader frame;
  int scans = 0;
  std::size_t entropy_bytes = 0;  // of all scans together
  int restart_interval = 0;       // the last one set, in MCUs; 0 is none
  bool ended = false;             // whether there is an end-of-image marker

  // Parses `jpeg`; bytes after EOI are not looked at (cameras append other pictures there).
  // Throws DamagedJpegError when a segment or the frame is broken or missing.
  explicit Segments(Bytes jpeg);
};

// The big-endian 16-bit number at `at`; the caller has checked that it lies inside.
inline int u16_at(Bytes bytes, std::size_t at) { return bytes[at] << 8 | bytes[at + 1]; }

}  // namespace colorize::jpeg
