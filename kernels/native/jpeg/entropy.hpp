// Huffman codes and the bits of an entropy-coded segment, as ITU-T T.81 has them.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "quantization.hpp"

namespace colorize::jpeg {

struct Bits {
  std::uint32_t value;
  int count;
};

// A Huffman table and the code words it stands for.
class HuffmanCode {
 public:
  explicit HuffmanCode(const JHUFF_TBL& table);

  // No bits for a symbol that the table lacks.
  Bits word(std::uint8_t symbol) const { return words_[symbol]; }

  // The payload of its DHT segment; `id` is its class (DC 0x00, AC 0x10) and number.
  std::vector<std::uint8_t> segment(std::uint8_t id) const;

 private:
  std::vector<std::uint8_t> lengths_;  // how many words there are of 1..16 bits
  std::vector<std::uint8_t> symbols_;
  std::array<Bits, 256> words_{};
};

// What libjpeg codes chroma with: the IJG table of a quality and the tables of T.81, K.3.
struct ChromaTables {
  explicit ChromaTables(int quality);

  Quantization quantization;
  HuffmanCode dc;
  HuffmanCode ac;

 private:
  struct Source;
  explicit ChromaTables(const Source& source);
};

// Bits into bytes, a zero after each 0xFF (T.81, F.1.2.3).
class BitWriter {
 public:
  void put(Bits bits) {
    pending_ = pending_ << bits.count | bits.value;
    count_ += bits.count;
    if (count_ >= 32) flush_bytes();
  }

  // Fills the byte with ones and sets the next restart marker.
  void restart();

  // Fills the byte with ones and hands over everything.
  std::vector<std::uint8_t> finish();

 private:
  void flush_bytes();
  void fill_byte();

  std::vector<std::uint8_t> bytes_;
  std::uint64_t pending_ = 0;
  int count_ = 0;
  std::uint8_t next_restart_ = 0;
};

}  // namespace colorize::jpeg
