// A sequential scan cut into its blocks, whose coefficients stay coded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "entropy.hpp"
#include "huffman_lookup.hpp"
#include "library.hpp"

namespace colorize::jpeg {

// One block of a scan: its DC coefficient, and where the bits of its AC coefficients lie.
struct CodedBlock {
  int dc;
  std::size_t ac_at;  // in bits
  std::size_t ac_bits;
};

// The blocks of a scan, one after the other.
class CodedScan {
 public:
  // The entropy-coded segments `entropy` with the codes that they are written in. `components` take
  // turns, a block each (1x1 sampled); `restart_interval` counts such turns, 0 is none.
  CodedScan(Bytes entropy, const HuffmanCode& dc, const HuffmanCode& ac, int components,
            int restart_interval);

  // The next block. Throws DamagedJpegError when there is none or when it breaks the code.
  CodedBlock next();

  // Appends the AC bits of a block of this scan.
  void copy_ac(const CodedBlock& block, BitWriter& out) const;

 private:
  void unstuff(Bytes entropy);
  void begin_turn();
  std::uint64_t bits_at(std::size_t position) const;

  std::vector<std::uint8_t> bytes_;          // without stuffed zeros and restart markers
  std::vector<std::size_t> segment_starts_;  // in bytes
  HuffmanLookup dc_;
  HuffmanLookup ac_;
  std::size_t components_;
  int restart_interval_;
  int turns_ = 0;
  std::size_t segment_ = 0;
  std::size_t component_ = 0;
  std::size_t position_ = 0;  // in bits
  std::size_t end_ = 0;
  std::vector<int> last_dc_;
};

}  // namespace colorize::jpeg
