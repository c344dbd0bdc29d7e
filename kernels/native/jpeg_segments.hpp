// The marker structure of a JPEG: where each segment and each scan's entropy-coded data lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "jpeg_library.hpp"

namespace colorize::jpeg {

namespace marker {
inline constexpr std::uint8_t kSof0 = 0xC0;
inline constexpr std::uint8_t kSof1 = 0xC1;
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

  // Parses `jpeg`; bytes after EOI are not looked at (cameras append other pictures there).
  // Throws JpegError when it is no JPEG, DamagedJpegError when a segment or the frame is broken.
  explicit Segments(Bytes jpeg);
};

// True when `payload` starts with the characters of `name`, its closing NUL included.
template <std::size_t N>
bool starts_with(Bytes payload, const char (&name)[N]) {
  if (payload.size() < N) return false;
  for (std::size_t i = 0; i < N; ++i) {
    if (payload[i] != static_cast<std::uint8_t>(name[i])) return false;
  }
  return true;
}

}  // namespace colorize::jpeg
