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
  std::uint64_t ac_at;  // in bits
  std::uint16_t ac_bits;
  std::int16_t dc;
};

// The three AC coefficients of the lowest frequencies, quantised.
struct LowAc {
  int across = 0;
  int down = 0;
  int both = 0;
};

// The blocks of a scan, one after the other.
class CodedScan {
 public:
  // The entropy-coded segments `entropy` with the codes that they are written in. `components` take
  // turns, a block each (1x1 sampled); `restart_interval` counts such turns, 0 is none.
  // Throws DamagedJpegError when restart markers are out of their turn.
  CodedScan(Bytes entropy, const HuffmanCode& dc, const HuffmanCode& ac, int components,
            int restart_interval);

  // The next block. Throws DamagedJpegError when there is none or when it breaks the code.
  CodedBlock next();
  CodedBlock next(LowAc& low);

  // Throws DamagedJpegError when restart intervals are left over after the last block.
  void check_end() const;

  // Appends the AC bits of a block of this scan.
  void copy_ac(const CodedBlock& block, BitWriter& out) const;

 private:
  void unstuff(Bytes entropy);
  void begin_turn();
  int next_dc();
  CodedBlock finish_block(int dc, std::size_t ac_at, int k);
  std::uint64_t bits_at(std::size_t position) const;

  std::vector<std::uint8_t> bytes_;          // without stuffed zeros and restart markers
  std::vector<std::size_t> segment_starts_;  // in bytes
  HuffmanLookup dc_;
  HuffmanLookup ac_;
  AcStrides ac_strides_;
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
