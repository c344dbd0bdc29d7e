#include "gray.hpp"

#include <algorithm>
#include <cstring>

#include "error.hpp"

namespace colorize::jpeg {
namespace {

constexpr unsigned kLongestRestartInterval = 65535;

// The virtual arrays of all components; they belong to `reader`.
jvirt_barray_ptr* read_coefficients(Decompressor& reader) {
  jvirt_barray_ptr* arrays = nullptr;
  guarded(reader.error, [&] { arrays = jpeg_read_coefficients(&reader.info); });
  return arrays;
}

// Calls `visit(blocks, count)` for each row of luma blocks, from the top down.
template <class Visit>
void for_each_luma_row(Decompressor& reader, jvirt_barray_ptr* arrays, const Visit& visit) {
  const jpeg_component_info& luma = reader.info.comp_info[0];
  guarded(reader.error, [&] {
    for (JDIMENSION y = 0; y < luma.height_in_blocks; ++y) {
      JBLOCKARRAY row = (*reader.info.mem->access_virt_barray)(
          reinterpret_cast<j_common_ptr>(&reader.info), arrays[0], y, 1, FALSE);
      visit(row[0], luma.width_in_blocks);
    }
  });
}

// Whether the sequential Huffman code has a word for each coefficient (T.81, F.1.2). libjpeg-turbo
// does not check: it would write a broken scan.
bool is_codable(const JBLOCK block) {
  JCOEF lowest = 0;
  JCOEF highest = 0;
  for (int i = 1; i < DCTSIZE2; ++i) {
    lowest = std::min(lowest, block[i]);
    highest = std::max(highest, block[i]);
  }
  return lowest >= -1023 && highest <= 1023 && block[0] >= -1024 && block[0] <= 1023;
}

}  // namespace

void write_gray(Bytes jpeg, GrowingDestination& destination) {
  Decompressor reader(jpeg);
  jvirt_barray_ptr* arrays = read_coefficients(reader);
  bool codable = true;
  for_each_luma_row(reader, arrays, [&codable](const JBLOCK* blocks, JDIMENSION count) {
    for (JDIMENSION x = 0; x < count; ++x) codable = codable && is_codable(blocks[x]);
  });
  if (!codable) throw DamagedJpegError("damaged JPEG: a coefficient is out of range");

  Compressor writer(destination);
  guarded(writer.error, [&] {
    jpeg_copy_critical_parameters(&reader.info, &writer.info);
    const jpeg_component_info& luma = reader.info.comp_info[0];
    jpeg_set_colorspace(&writer.info, JCS_GRAYSCALE);
    writer.info.comp_info[0].quant_tbl_no = luma.quant_tbl_no;
    writer.info.optimize_coding = FALSE;
    if (reader.info.progressive_mode) jpeg_simple_progression(&writer.info);
    // Of a gray picture a restart interval counts blocks, of an interleaved one groups of blocks.
    const unsigned blocks_each =
        static_cast<unsigned>(luma.h_samp_factor) * static_cast<unsigned>(luma.v_samp_factor);
    writer.info.restart_interval =
        std::min(reader.info.restart_interval * blocks_each, kLongestRestartInterval);
    jpeg_write_coefficients(&writer.info, arrays);
    jpeg_finish_compress(&writer.info);
  });
}

Coefficients luma_coefficients(Bytes jpeg) {
  Decompressor reader(jpeg);
  jvirt_barray_ptr* arrays = read_coefficients(reader);
  const jpeg_component_info& luma = reader.info.comp_info[0];
  Coefficients read;
  read.block_rows = static_cast<int>(luma.height_in_blocks);
  read.block_columns = static_cast<int>(luma.width_in_blocks);
  read.blocks.resize(static_cast<std::size_t>(luma.height_in_blocks) * luma.width_in_blocks);
  auto* at = read.blocks.data();
  for_each_luma_row(reader, arrays, [&at](const JBLOCK* blocks, JDIMENSION count) {
    std::memcpy(at, blocks, sizeof(JBLOCK) * count);
    at += count;
  });
  return read;
}

}  // namespace colorize::jpeg
