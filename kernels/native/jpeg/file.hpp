// One gray or YCbCr JPEG: its luma at reduced size, and the same picture in colour.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "gray.hpp"
#include "luma_scan.hpp"
#include "plane.hpp"
#include "quantization.hpp"
#include "segments.hpp"

namespace colorize::jpeg {

struct Sampling {
  int horizontal;
  int vertical;
};

// All members may be called from several threads at once.
class JpegFile {
 public:
  // Reads the headers. `jpeg` must outlive this. Throws UnsupportedJpegError, DamagedJpegError.
  explicit JpegFile(Bytes jpeg);

  int height() const { return segments_.frame.height; }
  int width() const { return segments_.frame.width; }
  int orientation() const { return orientation_; }
  const std::vector<Sampling>& sampling() const { return sampling_; }  // one per component
  bool progressive() const { return segments_.frame.code == marker::kSof2; }
  int quality() const { return quality_; }
  const Quantization& luma_quantization() const { return quantization_; }
  const std::vector<std::uint8_t>& icc() const { return icc_; }

  // The luma at `eighths`/8 of the size, `eighths` being 1, 2, 4 or 8. The largest but the full
  // size is kept, and smaller ones are means of it: who asks for the largest first decodes once.
  std::shared_ptr<const Plane> luma(int eighths) const;

  Coefficients luma_coefficients() const { return jpeg::luma_coefficients(jpeg_); }

  // This picture with the chroma planes `cb` and `cr`, which have 1/`shrink` of its size, rounded
  // up, coded at the IJG `quality`, and with the colour profile `icc` (none when empty). `shrink`
  // is 1 (4:4:4), 2 (4:2:0) or 4 (4:2:0 too, without the upper frequencies). Throws
  // std::invalid_argument when a plane has another size.
  std::vector<std::uint8_t> with_chroma(const PlaneView& cb, const PlaneView& cr, int shrink,
                                        int quality, Bytes icc) const;

 private:
  struct Decoded {
    int eighths;
    std::shared_ptr<const Plane> plane;
  };

  // What is kept, after decoding to `eighths`/8 if it is less.
  Decoded decoded(int eighths) const;
  // The blocks of the luma scan; nothing when the file is not gray and sequential, with tables that
  // an interleaved scan can have.
  std::shared_ptr<const LumaScan> luma_scan() const;
  void check_kind() const;
  void read_header();

  Bytes jpeg_;
  Segments segments_;
  int orientation_;
  std::vector<std::uint8_t> icc_;
  std::vector<Sampling> sampling_;
  Quantization quantization_{};
  int quality_ = 0;

  mutable std::mutex decoded_mutex_;
  mutable Decoded decoded_{0, nullptr};
  mutable std::mutex luma_scan_mutex_;
  mutable std::shared_ptr<const LumaScan> luma_scan_;
};

}  // namespace colorize::jpeg
