#include "file.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <string>

#include "chroma.hpp"
#include "coarse_chroma.hpp"
#include "coded_scan.hpp"
#include "error.hpp"
#include "interleaved.hpp"
#include "luma.hpp"
#include "metadata.hpp"
#include "sequential_scan.hpp"
#include "zigzag.hpp"

namespace colorize::jpeg {
namespace {

using Buffer = std::vector<std::uint8_t>;

constexpr std::uint8_t kLumaId = 1;
constexpr std::uint8_t kLumaTable = 0;  // of the quantisation and the Huffman tables
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

// One scan of all components, of a luma scan and chroma planes that have 1/`shrink` of its size.
// Returns the quantisation table of chroma.
Quantization append_interleaved(Buffer& out, const LumaScan& luma, int restart_interval,
                                const PlaneView& cb, const PlaneView& cr, const FrameHeader& frame,
                                int shrink, int quality) {
  const StandardTables tables(quality);
  const int density = std::min(shrink, 2);
  const int blocks_of_mcu = density * density;
  const InterleavedLayout layout{frame.height, frame.width, density,
                                 (restart_interval + blocks_of_mcu - 1) / blocks_of_mcu};
  append_segment(out, marker::kDht, tables.luma_dc.segment(kLumaTable));
  append_segment(out, marker::kDht, luma.ac_code().segment(0x10 | kLumaTable));
  append_segment(out, marker::kDht, tables.dc.segment(kChromaTable));
  append_segment(out, marker::kDht, tables.ac.segment(0x10 | kChromaTable));
  if (layout.restart_interval > 0) append_restart_interval(out, layout.restart_interval);
  constexpr std::uint8_t kLuma = kLumaTable << 4 | kLumaTable;
  constexpr std::uint8_t kChroma = kChromaTable << 4 | kChromaTable;
  const std::array<std::uint8_t, 10> header{3,     kLumaId, kLuma, kCbId,        kChroma,
                                            kCrId, kChroma, 0,     DCTSIZE2 - 1, 0};
  append_segment(out, marker::kSos, header);

  const InterleavedCodes codes{tables.luma_dc, tables.dc, tables.ac};
  const ChromaOptions options{quality, false, 0};
  Buffer entropy;
  if (shrink == kCoarseShrink) {
    const auto coded = code_coarse_chroma(cb, cr, tables, options);
    CodedScan cb_blocks(coded[0].first, tables.dc, tables.ac, 1, 0);
    CodedScan cr_blocks(coded[1].first, tables.dc, tables.ac, 1, 0);
    entropy = interleaved(luma, {&cb_blocks, &cr_blocks}, layout, codes);
  } else {
    GrowingDestination jpeg(0);
    write_chroma(cb, cr, options, jpeg);
    const Segments chroma(jpeg.written());
    CodedScan blocks(chroma.all.back().entropy, tables.dc, tables.ac, 2, 0);
    entropy = interleaved(luma, {&blocks, &blocks}, layout, codes);
  }
  out.insert(out.end(), entropy.begin(), entropy.end());
  return tables.quantization;
}

// Progressive scans: those of luma as they are, and those of the chroma planes in their own.
// Returns the quantisation table of chroma.
Quantization append_progressive(Buffer& out, const Segments& luma, const PlaneView& cb,
                                const PlaneView& cr, int shrink, int quality) {
  const ChromaOptions options{quality, true, luma.restart_interval};
  append_scans(out, luma, kLumaId);
  if (shrink == kCoarseShrink) return append_coarse_chroma(out, cb, cr, options);
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

// Luma words are copied as they are, so that no coefficient is decoded: into one scan with chroma,
// or, where the source is progressive, in their own scans (T.81, A.2 lets a frame be split so).
Buffer JpegFile::with_chroma(const PlaneView& cb, const PlaneView& cr, int shrink, int quality,
                             Bytes icc) const {
  const int chroma_height = (height() + shrink - 1) / shrink;
  const int chroma_width = (width() + shrink - 1) / shrink;
  for (const PlaneView& plane : {cb, cr}) {
    if (plane.height != chroma_height || plane.width != chroma_width) {
      throw std::invalid_argument("expected chroma planes of " + std::to_string(chroma_height) +
                                  "x" + std::to_string(chroma_width) + ", found one of " +
                                  std::to_string(plane.height) + "x" + std::to_string(plane.width));
    }
  }
  decoded(1);  // nothing is copied that does not decode

  std::shared_ptr<const LumaScan> luma_scan = this->luma_scan();
  std::optional<GrowingDestination> gray_jpeg;
  std::optional<Segments> gray_segments;
  if (sampling_.size() > 1 || (!progressive() && !luma_scan)) {
    gray_jpeg.emplace(jpeg_.size());
    write_gray(jpeg_, *gray_jpeg);
    gray_segments.emplace(gray_jpeg->written());
    if (!progressive()) {
      luma_scan = std::make_shared<const LumaScan>(sequential_scan(*gray_segments).value(),
                                                   height(), width(), quantization_);
    }
  }
  const Segments& luma = gray_segments ? *gray_segments : segments_;

  Buffer scans;
  scans.reserve(jpeg_.size() + jpeg_.size() / 4);
  Quantization chroma_table;
  if (progressive()) {
    chroma_table = append_progressive(scans, luma, cb, cr, shrink, quality);
  } else {
    chroma_table = append_interleaved(scans, *luma_scan, luma.restart_interval, cb, cr, luma.frame,
                                      shrink, quality);
  }

  Buffer out{0xFF, marker::kSoi};
  out.reserve(scans.size() + icc.size() + 4096);
  append_metadata(out, segments_, icc);
  append_quantization(out, kLumaTable, quantization_);
  append_quantization(out, kChromaTable, chroma_table);
  append_frame(out, luma.frame, std::min(shrink, 2));  // what is coarse is so within its blocks
  out.insert(out.end(), scans.begin(), scans.end());
  out.insert(out.end(), {0xFF, marker::kEoi});
  return out;
}

JpegFile::Decoded JpegFile::decoded(int eighths) const {
  const std::lock_guard lock(decoded_mutex_);
  if (decoded_.eighths < eighths) {
    const std::shared_ptr<const LumaScan> scan = eighths <= 2 ? luma_scan() : nullptr;
    if (scan) {  // one pass for the plane and for `with_chroma`
      decoded_ = {2, {scan, &scan->quarter()}};
    } else {
      decoded_ = {eighths, std::make_shared<const Plane>(decode_luma(jpeg_, eighths))};
    }
  }
  return decoded_;
}

std::shared_ptr<const LumaScan> JpegFile::luma_scan() const {
  if (sampling_.size() > 1 || progressive()) return nullptr;
  const std::lock_guard lock(luma_scan_mutex_);
  if (!luma_scan_) {
    const std::optional<SequentialScan> scan = sequential_scan(segments_);
    if (!scan) return nullptr;
    luma_scan_ = std::make_shared<const LumaScan>(*scan, height(), width(), quantization_);
  }
  return luma_scan_;
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
