#include "chroma.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace colorize::jpeg {
namespace {

// Eight rows of a plane, its last row and column repeated to fill whole blocks.
class BlockRow {
 public:
  explicit BlockRow(int width)
      : padded_width_((width + DCTSIZE - 1) / DCTSIZE * DCTSIZE), samples_(DCTSIZE, padded_width_) {
    for (int r = 0; r < DCTSIZE; ++r) rows_[static_cast<std::size_t>(r)] = samples_.row(r);
  }

  BlockRow(const BlockRow&) = delete;  // rows_ points into samples_
  BlockRow& operator=(const BlockRow&) = delete;

  JSAMPARRAY fill(const PlaneView& plane, int top) {
    const auto width = static_cast<std::size_t>(plane.width);
    for (int r = 0; r < DCTSIZE; ++r) {
      const std::uint8_t* source = plane.row(std::min(top + r, plane.height - 1));
      std::uint8_t* row = samples_.row(r);
      std::memcpy(row, source, width);
      std::memset(row + width, source[width - 1], static_cast<std::size_t>(padded_width_) - width);
    }
    return rows_.data();
  }

 private:
  int padded_width_;
  Plane samples_;
  std::array<JSAMPROW, DCTSIZE> rows_;
};

void set_component(jpeg_component_info& component, std::uint8_t id) {
  component.component_id = id;
  component.quant_tbl_no = kChromaTable;
  component.dc_tbl_no = kChromaTable;
  component.ac_tbl_no = kChromaTable;
}

}  // namespace

Quantization write_chroma(const PlaneView& cb, const PlaneView& cr, const ChromaOptions& options,
                          GrowingDestination& destination) {
  BlockRow cb_rows(cb.width);
  BlockRow cr_rows(cr.width);
  Compressor writer(destination);
  jpeg_compress_struct& info = writer.info;
  guarded(writer.error, [&] {
    info.image_height = static_cast<JDIMENSION>(cb.height);
    info.image_width = static_cast<JDIMENSION>(cb.width);
    info.input_components = 2;
    info.in_color_space = JCS_UNKNOWN;
    jpeg_set_defaults(&info);
    jpeg_set_quality(&info, options.quality, TRUE);
    set_component(info.comp_info[0], kCbId);
    set_component(info.comp_info[1], kCrId);
    // Huffman tables of its own would halve the speed to save 1 % of the file.
    info.optimize_coding = FALSE;
    if (options.progressive) jpeg_simple_progression(&info);
    info.restart_interval = static_cast<unsigned>(options.restart_interval);
    info.raw_data_in = TRUE;
    jpeg_start_compress(&info, TRUE);
    for (int top = 0; top < cb.height; top += DCTSIZE) {
      std::array<JSAMPARRAY, 2> planes{cb_rows.fill(cb, top), cr_rows.fill(cr, top)};
      jpeg_write_raw_data(&info, planes.data(), DCTSIZE);
    }
    jpeg_finish_compress(&info);
  });
  return quantization_of(*info.quant_tbl_ptrs[kChromaTable]);
}

}  // namespace colorize::jpeg
