#include "file.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>

#include "chroma.hpp"
#include "coarse_chroma.hpp"
#include "error.hpp"
#include "luma.hpp"
#include "metadata.hpp"
#include "zigzag.hpp"

namespace colorize::jpeg {
namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr std::uint8_t kLumaId = 1;
constexpr std::uint8_t kLumaTable = 0;
constexpr int kCoarseShrink = 4;
constexpr long long kMostPixels = 1LL << 31;
constexpr int kMostScans = 100;  // real ones have about ten; each costs a pass over the picture

void append_quantization(Buffer& out, std::uint8_t id, const Quantization& table) {
  const bool two_bytes = *std::max_element(table.begin(), table.end()) > 255;
  Buffer payload{static_cast<std::uint8_t>(two_bytes ? 0x10 | id : id)};
  for (const std::uint8_t at : kNaturalOrder) {
    if (two_bytes) payload.push_back(static_cast<std::uint8_t>(table[at] >> 8));
    payload.push_back(static_cast<std::uint8_t>(table[at] & 0xFF));
  }
  append_segment(out, marker::kDqt, payload);
}

// A frame of 8-bit Y, Cb, Cr; luma is sampled `density` times as densely as chroma both ways.
void append_frame(Buffer& out, const FrameHeader& luma, int density) {
  const auto high = [](int n) { return static_cast<std::uint8_t>(n >> 8); };
  const auto low = [](int n) { return static_cast<std::uint8_t>(n & 0xFF); };
  const Buffer payload{8,
                       high(luma.height),
                       low(luma.height),
                       high(luma.width),
                       low(luma.width),
                       3,
                       kLumaId,
                       static_cast<std::uint8_t>(density << 4 | density),
                       kLumaTable,
                       kCbId,
                       0x11,
                       kChromaTable,
                       kCrId,
                       0x11,
                       kChromaTable};
  append_segment(out, luma.code, payload);
}

// The scans of `part` with the Huffman tables and restart intervals set before each.
void append_scans(Buffer& out, const Segments& part, std::optional<std::uint8_t> component_id) {
  for (const Segment& segment : part.all) {
    if (segment.code != marker::kDht && segment.code != marker::kDri &&
        segment.code != marker::kSos) {
      continue;
    }
    append_segment(out, segment.code, segment.payload);
    if (segment.code == marker::kSos) {
      if (component_id) out[out.size() - segment.payload.size() + 1] = *component_id;
      out.insert(out.end(), segment.entropy.begin(), segment.entropy.end());
    }
  }
}

// The same, of planes of the size that the file gives them.
Quantization append_fine_chroma(Buffer& out, const PlaneView& cb, const PlaneView& cr,
                                const ChromaOptions& options) {
  GrowingDestination jpeg(0);
  const Quantization table = write_chroma(cb, cr, options, jpeg);
  append_scans(out, Segments(jpeg.written()), std::nullopt);
  return table;
}

}  // namespace

JpegFile::JpegFile(Bytes jpeg)
    : jpeg_(jpeg),
      segments_(jpeg),
      orientation_(exif_orientation(segments_)),
      icc_(icc_profile(segments_)) {
  check_kind();
  read_header();
  quality_ = quality_of(quantization_);
}

std::shared_ptr<const Plane> JpegFile::luma(int eighths) const {
  if (eighths == 8) return std::make_shared<const Plane>(decode_luma(jpeg_, 8));
  const Decoded decoded = this->decoded(eighths);
  if (decoded.eighths == eighths) return decoded.plane;
  const PlaneView view{decoded.plane->height, decoded.plane->width, decoded.plane->samples.data()};
  return std::make_shared<const Plane>(mean_of_squares(view, decoded.eighths / eighths));
}

// The luma scans are copied as they are, so they need not be coded again, and the two chroma
// components follow in scans of their own: T.81, A.2 lets every frame be split so.
Buffer JpegFile::with_chroma(const PlaneView& cb, const PlaneView& cr, int shrink, int quality,
                             Bytes icc) const {
  const int chroma_height = (height() + shrink - 1) / shrink;
  const int chroma_width = (width() + shrink - 1) / shrink;
  for (const PlaneView& plane : {cb, cr}) {
    if (plane.height != chroma_height || plane.width != chroma_width) {
      throw std::invalid_argument("expected chroma planes of " + std::to_string(chroma_height) +
                                  "x" + std::to_string(chroma_width) + ", found one of " +
                                  std::to_string(plane.height) + "x" +
                                  std::to_string(plane.width));
    }
  }
  decoded(1);  // nothing is copied that does not decode

  std::optional<GrowingDestination> gray_jpeg;
  std::optional<Segments> gray_segments;
  if (sampling_.size() > 1) {
    gray_jpeg.emplace(jpeg_.size());
    write_gray(jpeg_, *gray_jpeg);
    gray_segments.emplace(gray_jpeg->written());
  }
  const Segments& luma = gray_segments ? *gray_segments : segments_;

  const ChromaOptions options{quality, progressive(), luma.restart_interval};
  Buffer chroma_scans;
  const Quantization chroma_table = shrink == kCoarseShrink
                                        ? append_coarse_chroma(chroma_scans, cb, cr, options)
                                        : append_fine_chroma(chroma_scans, cb, cr, options);

  Buffer out{0xFF, marker::kSoi};
  out.reserve(jpeg_.size() + chroma_scans.size() + icc.size() + 4096);
  append_metadata(out, segments_, icc);
  append_quantization(out, kLumaTable, quantization_);
  append_quantization(out, kChromaTable, chroma_table);
  append_frame(out, luma.frame, std::min(shrink, 2));  // what is coarse is so within its blocks
  append_scans(out, luma, kLumaId);
  out.insert(out.end(), chroma_scans.begin(), chroma_scans.end());
  out.insert(out.end(), {0xFF, marker::kEoi});
  return out;
}

JpegFile::Decoded JpegFile::decoded(int eighths) const {
  const std::lock_guard lock(decoded_mutex_);
  if (decoded_.eighths < eighths) {
    decoded_ = {eighths, std::make_shared<const Plane>(decode_luma(jpeg_, eighths))};
  }
  return decoded_;
}

void JpegFile::check_kind() const {
  const FrameHeader& frame = segments_.frame;
  const auto refuse = [](const std::string& found) {
    throw UnsupportedJpegError("expected an 8-bit baseline or progressive JPEG, found " + found);
  };
  if (frame.code > marker::kSof2) refuse("a lossless, hierarchical or arithmetic-coded one");
  if (frame.precision_bits != 8) refuse(std::to_string(frame.precision_bits) + " bit");
  if (frame.components != 1 && frame.components != 3) {
    refuse(std::to_string(frame.components) + " components");
  }
  const long long pixels = static_cast<long long>(frame.height) * frame.width;
  if (pixels > kMostPixels) refuse("more than 2^31 pixels");
  if (segments_.scans > kMostScans) refuse(std::to_string(segments_.scans) + " scans");
  // A block takes one bit at the least, so nothing much larger than the file is ever allocated.
  if (pixels / DCTSIZE2 / 8 > static_cast<long long>(segments_.entropy_bytes)) {
    throw DamagedJpegError("damaged JPEG: it ends before its last block");
  }
}

void JpegFile::read_header() {
  const Decompressor reader(jpeg_);
  const jpeg_decompress_struct& info = reader.info;
  if (info.jpeg_color_space != JCS_GRAYSCALE && info.jpeg_color_space != JCS_YCbCr) {
    throw UnsupportedJpegError("expected a gray or YCbCr JPEG, found one coded as RGB");
  }
  for (int i = 0; i < info.num_components; ++i) {
    const jpeg_component_info& component = info.comp_info[i];
    sampling_.push_back({component.h_samp_factor, component.v_samp_factor});
    if (component.h_samp_factor > sampling_[0].horizontal ||
        component.v_samp_factor > sampling_[0].vertical) {
      throw UnsupportedJpegError("expected a JPEG with full-size luma, found luma subsampled");
    }
  }
  const int number = info.comp_info[0].quant_tbl_no;
  if (number >= NUM_QUANT_TBLS || info.quant_tbl_ptrs[number] == nullptr) {
    throw DamagedJpegError("damaged JPEG: it lacks its quantisation table");
  }
  quantization_ = quantization_of(*info.quant_tbl_ptrs[number]);
}

}  // namespace colorize::jpeg
