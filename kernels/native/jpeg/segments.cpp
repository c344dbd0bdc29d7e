#include "segments.hpp"

#include <cstring>

#include "error.hpp"

namespace colorize::jpeg {
namespace {

bool is_restart(std::uint8_t code) { return code >= 0xD0 && code <= 0xD7; }

bool is_frame(std::uint8_t code) {
  // C4 (DHT), C8 (reserved) and CC (arithmetic conditioning) lie among the SOFn codes.
  return code >= 0xC0 && code <= 0xCF && code != 0xC4 && code != 0xC8 && code != 0xCC;
}

FrameHeader frame_of(std::uint8_t code, Bytes payload) {
  if (payload.size() < 6 || payload.size() != 6 + 3 * static_cast<std::size_t>(payload[5])) {
    throw DamagedJpegError("damaged JPEG: its frame header has a wrong length");
  }
  FrameHeader frame;
  frame.code = code;
  frame.precision_bits = payload[0];
  frame.height = u16_at(payload, 1);
  frame.width = u16_at(payload, 3);
  frame.components = payload[5];
  return frame;
}

// The length of the entropy-coded data at the start of `rest`: stuffed zeros and RSTn belong to it.
std::size_t entropy_length(Bytes rest) {
  std::size_t at = 0;
  while (at + 1 < rest.size()) {
    const void* found = std::memchr(rest.data() + at, 0xFF, rest.size() - 1 - at);
    if (found == nullptr) break;
    at = static_cast<std::size_t>(static_cast<const std::uint8_t*>(found) - rest.data());
    const std::uint8_t code = rest[at + 1];
    if (code == 0xFF) {
      // Fill bytes come before markers only (T.81, B.1.1.2); decoders differ on this.
      if (at + 2 < rest.size() && rest[at + 2] == 0) {
        throw DamagedJpegError("damaged JPEG: a fill byte within coded data");
      }
      at += 1;
    } else if (code == 0 || is_restart(code)) {
      at += 2;
    } else {
      return at;
    }
  }
  return rest.size();
}

}  // namespace

Segments::Segments(Bytes jpeg) {
  if (jpeg.size() < 4 || jpeg[0] != 0xFF || jpeg[1] != marker::kSoi || jpeg[2] != 0xFF) {
    throw DamagedJpegError("not a JPEG: it does not begin with a start-of-image marker");
  }
  std::size_t at = 2;
  while (at + 1 < jpeg.size()) {
    if (jpeg[at] != 0xFF) throw DamagedJpegError("damaged JPEG: stray bytes between its markers");
    const std::uint8_t code = jpeg[at + 1];
    if (code == 0xFF) {  // fill byte
      at += 1;
      continue;
    }
    if (code == marker::kEoi) {
      ended = true;
      break;
    }
    at += 2;
    if (code == 0x01 || is_restart(code)) continue;  // markers without a length
    if (code == 0x00 || code == marker::kSoi) {
      throw DamagedJpegError("damaged JPEG: a marker in a place where it has no meaning");
    }
    if (jpeg.size() - at < 2) throw DamagedJpegError("damaged JPEG: it ends within a marker");
    const std::size_t length = static_cast<std::size_t>(u16_at(jpeg, at));
    if (length < 2 || length > jpeg.size() - at) {
      throw DamagedJpegError("damaged JPEG: it ends within a marker segment");
    }
    Segment segment;
    segment.code = code;
    segment.payload = jpeg.subspan(at + 2, length - 2);
    at += length;
    if (is_frame(code)) {
      if (frame.code != 0) throw DamagedJpegError("damaged JPEG: it has two frame headers");
      frame = frame_of(code, segment.payload);
    } else if (code == marker::kSos) {
      segment.entropy = jpeg.subspan(at, entropy_length(jpeg.subspan(at)));
      at += segment.entropy.size();
      entropy_bytes += segment.entropy.size();
      ++scans;
    } else if (code == marker::kDri && segment.payload.size() == 2) {
      restart_interval = u16_at(segment.payload, 0);
    }
    all.push_back(segment);
  }
  if (frame.code == 0) throw DamagedJpegError("damaged JPEG: it has no frame header");
  if (scans == 0) throw DamagedJpegError("damaged JPEG: it has no scan");
}

}  // namespace colorize::jpeg
