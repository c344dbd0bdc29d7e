// Huffman codes and the bits of an entropy-coded segment, as ITU-T T.81 has them.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
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

  // How many words there are of 1..16 bits, and what they stand for, the shortest first.
  // Throws DamagedJpegError when the lengths make no code.
  HuffmanCode(std::span<const std::uint8_t> lengths, std::span<const std::uint8_t> symbols);

  // No bits for a symbol that the table lacks.
  Bits word(std::uint8_t symbol) const { return words_[symbol]; }

  const std::vector<std::uint8_t>& lengths() const { return lengths_; }
  const std::vector<std::uint8_t>& symbols() const { return symbols_; }

  // The payload of its DHT segment; `id` is its class (DC 0x00, AC 0x10) and number.
  std::vector<std::uint8_t> segment(std::uint8_t id) const;

 private:
  std::vector<std::uint8_t> lengths_;
  std::vector<std::uint8_t> symbols_;
  std::array<Bits, 256> words_{};
};

// What libjpeg codes with: the IJG chroma table of a quality and the Huffman tables of T.81, K.3.
struct StandardTables {
  explicit StandardTables(int quality);

  Quantization quantization;
  HuffmanCode luma_dc;
  HuffmanCode dc;
  HuffmanCode ac;

 private:
  struct Source;
  explicit StandardTables(const Source& source);
};

// Bits into bytes, a zero after each 0xFF (T.81, F.1.2.3).
class BitWriter {
 public:
  void put(Bits bits) {
    pending_ = pending_ << bits.count | bits.value;
    count_ += bits.count;
    if (count_ >= 32) flush_word();
  }

  // Fills the byte with ones and sets the next restart marker.
  void restart();

  // Fills the byte with ones and hands over everything.
  std::vector<std::uint8_t> finish();

 private:
  void flush_word();
  void flush_bytes();
  void fill_byte();
  void make_room();

  std::vector<std::uint8_t> bytes_;  // longer than what is written
  std::size_t size_ = 0;
  std::uint64_t pending_ = 0;
  int count_ = 0;
  std::uint8_t next_restart_ = 0;
};

// T.81, F.1.2.1: how many bits a value takes, and those bits.
inline int magnitude_bits(int value) {
  return std::bit_width(static_cast<unsigned>(value < 0 ? -value : value));
}

inline Bits magnitude(int value, int size) {
  const auto low = static_cast<std::uint32_t>(value < 0 ? value - 1 : value);
  return {low & ((1u << size) - 1u), size};
}

inline void put_dc_difference(int difference, const HuffmanCode& dc, BitWriter& out) {
  const int size = magnitude_bits(difference);
  out.put(dc.word(static_cast<std::uint8_t>(size)));
  out.put(magnitude(difference, size));
}

}  // namespace colorize::jpeg
