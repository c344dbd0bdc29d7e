#include "luma.hpp"

#include <algorithm>

namespace colorize::jpeg {
namespace {

// The side is known at compile time: the loops are vectorised then, 30 times as fast.
template <int Side>
Plane mean_of_squares(const PlaneView& plane) {
  Plane means((plane.height + Side - 1) / Side, (plane.width + Side - 1) / Side);
  const int whole_squares = plane.width / Side;
  std::vector<std::uint16_t> column_sums(static_cast<std::size_t>(plane.width));
  const auto mean_at = [&column_sums](int x, int rows, int columns) {
    int sum = rows * columns / 2;
    for (int c = 0; c < columns; ++c) sum += column_sums[static_cast<std::size_t>(x * Side + c)];
    return static_cast<std::uint8_t>(sum / (rows * columns));
  };
  for (int y = 0; y < means.height; ++y) {
    const int rows = std::min(Side, plane.height - y * Side);
    std::fill(column_sums.begin(), column_sums.end(), std::uint16_t{0});
    for (int r = 0; r < rows; ++r) {
      const std::uint8_t* row = plane.row(y * Side + r);
      for (std::size_t x = 0; x < column_sums.size(); ++x) {
        column_sums[x] = static_cast<std::uint16_t>(column_sums[x] + row[x]);
      }
    }
    std::uint8_t* out = means.row(y);
    if (rows == Side) {
      for (int x = 0; x < whole_squares; ++x) out[x] = mean_at(x, Side, Side);
    } else {
      for (int x = 0; x < whole_squares; ++x) out[x] = mean_at(x, rows, Side);
    }
    if (whole_squares < means.width) {
      out[whole_squares] = mean_at(whole_squares, rows, plane.width % Side);
    }
  }
  return means;
}

}  // namespace

Plane decode_luma(Bytes jpeg, int eighths) {
  Decompressor reader(jpeg);
  jpeg_decompress_struct& info = reader.info;
  guarded(reader.error, [&info, eighths] {
    info.out_color_space = JCS_GRAYSCALE;  // libjpeg then skips the inverse DCT of chroma
    info.scale_num = static_cast<unsigned>(eighths);
    info.scale_denom = 8;
    info.do_fancy_upsampling = FALSE;
    info.do_block_smoothing = FALSE;
    jpeg_start_decompress(&info);
  });
  Plane plane(static_cast<int>(info.output_height), static_cast<int>(info.output_width));
  guarded(reader.error, [&info, &plane] {
    while (info.output_scanline < info.output_height) {
      JSAMPROW row = plane.row(static_cast<int>(info.output_scanline));
      jpeg_read_scanlines(&info, &row, 1);
    }
    jpeg_finish_decompress(&info);
  });
  return plane;
}

Plane mean_of_squares(const PlaneView& plane, int side) {
  return side == 2 ? mean_of_squares<2>(plane) : mean_of_squares<4>(plane);
}

}  // namespace colorize::jpeg
