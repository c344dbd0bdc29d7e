#include "jpeg_metadata.hpp"

#include <array>

namespace colorize::jpeg {
namespace {

constexpr std::size_t kIccChunkHeader = 14;  // "ICC_PROFILE\0", chunk number, number of chunks
constexpr std::size_t kIccSpaceOffset = 16;  // ICC.1:2010, 7.2: bytes 16..19 name the data space
constexpr int kOrientationTag = 0x0112;      // Exif 2.32, table 4

bool is_adobe(const Segment& segment) {
  // The Adobe segment has no NUL after its name: version, flags0, flags1, transform.
  const Bytes p = segment.payload;
  return segment.code == marker::kApp14 && p.size() >= 12 && p[0] == 'A' && p[1] == 'd' &&
         p[2] == 'o' && p[3] == 'b' && p[4] == 'e';
}

// Integers of a TIFF structure in its own byte order; reading outside gives 0 and clears `sound`.
class TiffReader {
 public:
  explicit TiffReader(Bytes tiff) : tiff_(tiff) {
    if (tiff.size() < 8) sound = false;
    if (!sound) return;
    little_ = tiff[0] == 'I' && tiff[1] == 'I';
    sound = (little_ || (tiff[0] == 'M' && tiff[1] == 'M')) && u16(2) == 42;
  }

  std::uint32_t u16(std::size_t at) {
    if (at > tiff_.size() || tiff_.size() - at < 2) {
      sound = false;
      return 0;
    }
    return little_ ? tiff_[at] | tiff_[at + 1] << 8 : tiff_[at] << 8 | tiff_[at + 1];
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

int orientation_of(Bytes exif_payload) {
  TiffReader tiff(exif_payload.subspan(6));
  if (!tiff.sound) return 1;
  const std::size_t directory = tiff.u32(4);
  const std::size_t entries = tiff.u16(directory);
  for (std::size_t i = 0; i < entries && tiff.sound; ++i) {
    const std::size_t entry = directory + 2 + 12 * i;
    if (tiff.u16(entry) != kOrientationTag) continue;
    const std::uint32_t type = tiff.u16(entry + 2);
    // SHORT is the rule; LONG is met in the wild.
    const std::uint32_t value = type == 3   ? tiff.u16(entry + 8)
                                : type == 4 ? tiff.u32(entry + 8)
                                            : 0;
    return tiff.sound && value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

std::vector<std::uint8_t> icc_of(const Segments& segments) {
  std::array<Bytes, 256> chunks;
  std::size_t announced = 0;
  std::size_t found = 0;
  for (const Segment& segment : segments.all) {
    if (fate_of(segment) != SegmentFate::kIccChunk) continue;
    const std::size_t number = segment.payload[12];
    const std::size_t count = segment.payload[13];
    if (number == 0 || number > count || (announced != 0 && count != announced)) return {};
    if (chunks[number].data() != nullptr) return {};  // the same chunk twice
    announced = count;
    chunks[number] = segment.payload.subspan(kIccChunkHeader);
    ++found;
  }
  if (found != announced) return {};
  std::vector<std::uint8_t> icc;
  for (std::size_t number = 1; number <= announced; ++number) {
    icc.insert(icc.end(), chunks[number].begin(), chunks[number].end());
  }
  return icc;
}

void read_jfif(Bytes payload, JfifFacts& jfif) {
  jfif.present = true;
  jfif.major_version = payload[5];
  jfif.minor_version = payload[6];
  jfif.density_unit = payload[7];
  jfif.x_density = payload[8] << 8 | payload[9];
  jfif.y_density = payload[10] << 8 | payload[11];
}

bool is_jfif(const Segment& segment) {
  return segment.code == marker::kApp0 && segment.payload.size() >= 14 &&
         starts_with(segment.payload, "JFIF");
}

bool is_exif(const Segment& segment) {
  return segment.code == marker::kApp1 && segment.payload.size() >= 6 &&
         starts_with(segment.payload, "Exif");
}

}  // namespace

SegmentFate fate_of(const Segment& segment) {
  const Bytes payload = segment.payload;
  if (segment.code == marker::kApp2) {
    if (payload.size() >= kIccChunkHeader && starts_with(payload, "ICC_PROFILE")) {
      return SegmentFate::kIccChunk;
    }
    if (starts_with(payload, "MPF")) return SegmentFate::kRewritten;
  }
  if (segment.code == marker::kApp0 && starts_with(payload, "JFIF")) {
    return SegmentFate::kRewritten;
  }
  if (is_adobe(segment)) return SegmentFate::kRewritten;
  return SegmentFate::kKeep;
}

Metadata::Metadata(const Segments& segments) {
  for (const Segment& segment : segments.all) {
    if (is_exif(segment) && !has_exif) {
      has_exif = true;
      exif_orientation = orientation_of(segment.payload);
    } else if (is_adobe(segment)) {
      has_adobe = true;
      adobe_transform = segment.payload[11];
    } else if (is_jfif(segment) && !jfif.present) {
      read_jfif(segment.payload, jfif);
    } else if (fate_of(segment) == SegmentFate::kIccChunk) {
      has_icc = true;
    }
  }
  if (has_icc) icc = icc_of(segments);
}

bool is_rgb_profile(Bytes icc) {
  return icc.size() >= 128 && icc[kIccSpaceOffset] == 'R' && icc[kIccSpaceOffset + 1] == 'G' &&
         icc[kIccSpaceOffset + 2] == 'B' && icc[kIccSpaceOffset + 3] == ' ';
}

}  // namespace colorize::jpeg
