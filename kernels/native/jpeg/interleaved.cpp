#include "interleaved.hpp"

#include <algorithm>
#include <cstddef>

namespace colorize::jpeg {
namespace {

constexpr std::uint8_t kEndOfBlock = 0x00;

std::size_t parts(int whole, int part) {
  return static_cast<std::size_t>((whole + part - 1) / part);
}

// Blocks of one component, written with differences of their DC coefficients.
class ComponentWriter {
 public:
  ComponentWriter(const HuffmanCode& dc, const HuffmanCode& ac, BitWriter& out)
      : dc_(dc), end_of_block_(ac.word(kEndOfBlock)), out_(out) {}

  void restart() { last_dc_ = 0; }

  void put(const CodedScan& scan, const CodedBlock& block) {
    put_dc(block.dc);
    scan.copy_ac(block, out_);
  }

  // A block outside of the picture: the last one's mean.
  void put_filling() {
    put_dc(last_dc_);
    out_.put(end_of_block_);
  }

 private:
  void put_dc(int value) {
    put_dc_difference(value - last_dc_, dc_, out_);
    last_dc_ = value;
  }

  const HuffmanCode& dc_;
  Bits end_of_block_;
  BitWriter& out_;
  int last_dc_ = 0;
};

}  // namespace

std::vector<std::uint8_t> interleaved(const LumaScan& luma, std::array<CodedScan*, 2> chroma,
                                      const InterleavedLayout& layout,
                                      const InterleavedCodes& codes) {
  const auto density = static_cast<std::size_t>(layout.density);
  const std::size_t block_rows = parts(layout.height, DCTSIZE);
  const std::size_t block_columns = parts(layout.width, DCTSIZE);
  const std::size_t mcu_rows = (block_rows + density - 1) / density;
  const std::size_t mcu_columns = (block_columns + density - 1) / density;

  BitWriter out;
  ComponentWriter y(codes.luma_dc, luma.ac_code(), out);
  ComponentWriter cb(codes.chroma_dc, codes.chroma_ac, out);
  ComponentWriter cr(codes.chroma_dc, codes.chroma_ac, out);
  int since_restart = 0;
  for (std::size_t mcu_row = 0; mcu_row < mcu_rows; ++mcu_row) {
    const std::size_t first = mcu_row * density;
    const std::size_t filled = std::min(density, block_rows - first);
    for (std::size_t mcu_column = 0; mcu_column < mcu_columns; ++mcu_column) {
      if (layout.restart_interval > 0 && since_restart == layout.restart_interval) {
        out.restart();
        y.restart();
        cb.restart();
        cr.restart();
        since_restart = 0;
      }
      ++since_restart;
      for (std::size_t v = 0; v < density; ++v) {
        for (std::size_t h = 0; h < density; ++h) {
          const std::size_t column = mcu_column * density + h;
          if (v < filled && column < block_columns) {
            y.put(luma.coded(), luma.block(first + v, column));
          } else {
            y.put_filling();
          }
        }
      }
      cb.put(*chroma[0], chroma[0]->next());
      cr.put(*chroma[1], chroma[1]->next());
    }
  }
  return out.finish();
}

}  // namespace colorize::jpeg
