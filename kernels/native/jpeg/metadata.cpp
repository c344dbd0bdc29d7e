#include "metadata.hpp"

#include <algorithm>
#include <array>

namespace colorize::jpeg {
namespace {

using Buffer = std::vector<std::uint8_t>;

enum class Kind { kJfif, kJfifThumbnail, kExif, kIccChunk, kPictureIndex, kAdobe, kOther };

constexpr std::size_t kJfifLength = 14;      // JFIF 1.02: up to and with the thumbnail's size
constexpr std::size_t kExifHeader = 6;       // "Exif\0\0", then a TIFF structure
constexpr std::size_t kIccHeader = 14;       // "ICC_PROFILE\0", chunk number, number of chunks
constexpr std::size_t kAdobeTransform = 11;  // "Adobe", version, two flag words, transform
constexpr std::size_t kLongestPayload = 65533;
constexpr unsigned kOrientationTag = 0x0112;  // Exif 2.32, table 4

// True when `payload` starts with the characters of `name`, its closing NUL included.
template <std::size_t N>
bool starts_with(Bytes payload, const char (&name)[N]) {
  return payload.size() >= N && std::equal(name, name + N, payload.begin());
}

Kind kind_of(const Segment& segment) {
  const Bytes p = segment.payload;
  switch (segment.code) {
    case marker::kApp0:
      if (starts_with(p, "JFIF") && p.size() >= kJfifLength) return Kind::kJfif;
      return starts_with(p, "JFXX") ? Kind::kJfifThumbnail : Kind::kOther;
    case marker::kApp1:
      return starts_with(p, "Exif") && p.size() >= kExifHeader ? Kind::kExif : Kind::kOther;
    case marker::kApp2:
      if (starts_with(p, "ICC_PROFILE") && p.size() >= kIccHeader) return Kind::kIccChunk;
      return starts_with(p, "MPF") ? Kind::kPictureIndex : Kind::kOther;
    case marker::kApp14: {
      // No NUL after this name.
      constexpr std::array<std::uint8_t, 5> kName{'A', 'd', 'o', 'b', 'e'};
      const bool adobe =
          p.size() > kAdobeTransform && std::equal(kName.begin(), kName.end(), p.begin());
      return adobe ? Kind::kAdobe : Kind::kOther;
    }
    default:
      return Kind::kOther;
  }
}

bool is_metadata(const Segment& segment) {
  return (segment.code >= marker::kApp0 && segment.code <= marker::kApp15) ||
         segment.code == marker::kCom;
}

// Integers of a TIFF structure in its own byte order; reading outside gives 0 and clears `sound`.
class TiffReader {
 public:
  explicit TiffReader(Bytes tiff) : tiff_(tiff) {
    little_ = u16(0) == 0x4949;  // "II"; "MM" reads the same in either order
    sound = sound && (little_ || u16(0) == 0x4D4D) && u16(2) == 42;
  }

  unsigned u16(std::size_t at) {
    if (at > tiff_.size() || tiff_.size() - at < 2) {
      sound = false;
      return 0;
    }
    const unsigned first = tiff_[at];
    const unsigned second = tiff_[at + 1];
    return little_ ? first | second << 8 : first << 8 | second;
  }

  std::uint32_t u32(std::size_t at) {
    const std::uint32_t first = u16(at);
    const std::uint32_t second = u16(at + 2);
    return little_ ? first | second << 16 : first << 16 | second;
  }

  bool sound = true;

 private:
  Bytes tiff_;
  bool little_ = false;
};

struct ExifFacts {
  int orientation = 1;
  std::size_t thumbnail_link = 0;  // where in the payload the next directory's offset lies; 0: none
};

ExifFacts facts_of_exif(Bytes payload) {
  ExifFacts facts;
  TiffReader tiff(payload.subspan(kExifHeader));
  const std::size_t directory = tiff.u32(4);
  const std::size_t entries = tiff.u16(directory);
  const std::size_t link = directory + 2 + 12 * entries;
  for (std::size_t entry = directory + 2; entry < link && tiff.sound; entry += 12) {
    if (tiff.u16(entry) != kOrientationTag) continue;
    // SHORT is the rule; LONG is met in the wild.
    const std::uint32_t value =
        tiff.u16(entry + 2) == 4 ? tiff.u32(entry + 8) : tiff.u16(entry + 8);
    if (tiff.sound && value >= 1 && value <= 8) facts.orientation = static_cast<int>(value);
  }
  tiff.u32(link);
  if (tiff.sound) facts.thumbnail_link = kExifHeader + link;
  return facts;
}

void append_icc(Buffer& out, Bytes icc) {
  constexpr std::size_t kLongestChunk = kLongestPayload - kIccHeader;
  const std::size_t count = (icc.size() + kLongestChunk - 1) / kLongestChunk;
  for (std::size_t number = 1; number <= count; ++number) {
    const Bytes rest = icc.subspan((number - 1) * kLongestChunk);
    const Bytes chunk = rest.first(std::min(rest.size(), kLongestChunk));
    Buffer payload{'I', 'C', 'C', '_', 'P', 'R', 'O', 'F', 'I', 'L', 'E', 0};
    payload.push_back(static_cast<std::uint8_t>(number));
    payload.push_back(static_cast<std::uint8_t>(count));
    payload.insert(payload.end(), chunk.begin(), chunk.end());
    append_segment(out, marker::kApp2, payload);
  }
}

}  // namespace

void append_metadata(Buffer& out, const Segments& source, Bytes icc) {
  const bool says_ycbcr = std::any_of(source.all.begin(), source.all.end(), [](const Segment& s) {
    const Kind kind = kind_of(s);
    return kind == Kind::kJfif || kind == Kind::kExif || kind == Kind::kAdobe;
  });
  if (!says_ycbcr) {  // version 1.01, square pixels of no stated size
    constexpr std::array<std::uint8_t, kJfifLength> kPlainJfif{'J', 'F', 'I', 'F', 0, 1, 1,
                                                               0,   0,   1,   0,   1, 0, 0};
    append_segment(out, marker::kApp0, kPlainJfif);
  }
  for (const Segment& segment : source.all) {
    if (!is_metadata(segment)) continue;
    Buffer payload(segment.payload.begin(), segment.payload.end());
    switch (kind_of(segment)) {
      case Kind::kJfifThumbnail:
      case Kind::kIccChunk:
      case Kind::kPictureIndex:
        continue;
      case Kind::kJfif:
        payload.resize(kJfifLength);
        payload[12] = payload[13] = 0;
        break;
      case Kind::kExif:
        if (const std::size_t link = facts_of_exif(payload).thumbnail_link; link != 0) {
          std::fill_n(payload.begin() + static_cast<std::ptrdiff_t>(link), 4, std::uint8_t{0});
        }
        break;
      case Kind::kAdobe:
        payload[kAdobeTransform] = 1;
        break;
      case Kind::kOther:
        break;
    }
    append_segment(out, segment.code, payload);
  }
  append_icc(out, icc);
}

int exif_orientation(const Segments& source) {
  for (const Segment& segment : source.all) {
    if (kind_of(segment) == Kind::kExif) return facts_of_exif(segment.payload).orientation;
  }
  return 1;
}

Buffer icc_profile(const Segments& source) {
  std::array<Bytes, 256> chunks;
  std::size_t announced = 0;
  std::size_t found = 0;
  for (const Segment& segment : source.all) {
    if (kind_of(segment) != Kind::kIccChunk) continue;
    const std::size_t number = segment.payload[12];
    const std::size_t count = segment.payload[13];
    if (number == 0 || number > count || (announced != 0 && count != announced)) return {};
    if (chunks[number].data() != nullptr) return {};  // the same chunk twice
    announced = count;
    chunks[number] = segment.payload.subspan(kIccHeader);
    ++found;
  }
  if (found != announced) return {};
  Buffer icc;
  for (std::size_t number = 1; number <= announced; ++number) {
    icc.insert(icc.end(), chunks[number].begin(), chunks[number].end());
  }
  return icc;
}

void append_restart_interval(Buffer& out, int interval) {
  const std::array<std::uint8_t, 2> payload{static_cast<std::uint8_t>(interval >> 8),
                                            static_cast<std::uint8_t>(interval & 0xFF)};
  append_segment(out, marker::kDri, payload);
}

void append_segment(Buffer& out, std::uint8_t code, Bytes payload) {
  const std::size_t length = payload.size() + 2;
  const std::array<std::uint8_t, 4> head{0xFF, code, static_cast<std::uint8_t>(length >> 8),
                                         static_cast<std::uint8_t>(length & 0xFF)};
  out.insert(out.end(), head.begin(), head.end());
  out.insert(out.end(), payload.begin(), payload.end());
}

}  // namespace colorize::jpeg
