// The luma of a gray sequential JPEG, read once: where its blocks lie, and its plane at a quarter.
#pragma once

#include <vector>

#include "coded_scan.hpp"
#include "plane.hpp"
#include "sequential_scan.hpp"

namespace colorize::jpeg {

class LumaScan {
 public:
  // Throws DamagedJpegError when the coded data is broken or ends early.
  LumaScan(const SequentialScan& scan, int height, int width, const Quantization& quantization);

  // The luma at 2/8 of the size, rounded up: each block's lowest 2x2 frequencies.
  const Plane& quarter() const { return quarter_; }

  int block_columns() const { return block_columns_; }
  const CodedBlock& block(std::size_t row, std::size_t column) const {
    return blocks_[row * static_cast<std::size_t>(block_columns_) + column];
  }
  const CodedScan& coded() const { return coded_; }
  const HuffmanCode& ac_code() const { return ac_code_; }

 private:
  CodedScan coded_;
  HuffmanCode ac_code_;
  int block_columns_;
  std::vector<CodedBlock> blocks_;
  Plane quarter_;
};

}  // namespace colorize::jpeg
