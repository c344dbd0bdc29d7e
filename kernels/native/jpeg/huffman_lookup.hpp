// Huffman codes read from bits: what an entropy-coded segment is made of, without its values.
#pragma once

#include <array>
#include <cstdint>

#include "entropy.hpp"

namespace colorize::jpeg {

// How far a code word reaches. A code word stands for a symbol, which says how many bits of a value
// follow it (T.81, F.1.2).
struct Step {
  std::uint8_t code_bits = 0;  // of the code word; 0: no word of the table begins so
  std::uint8_t symbol = 0;

  int value_bits() const { return symbol & 15; }
  int all_bits() const { return code_bits + value_bits(); }
  // Of an AC table: no more coefficients are set in the block. Else so many zeros come first.
  bool ends_block() const { return value_bits() == 0 && symbol != 0xF0; }
  int zeros() const { return symbol >> 4; }
};

// The words of one Huffman table, found by the bits that come next.
class HuffmanLookup {
 public:
  explicit HuffmanLookup(const HuffmanCode& code);

  // `next` has the coming bits at its top, at least 16 of them.
  Step step(std::uint64_t next) const {
    const Step found = short_words_[next >> (64 - kShort)];
    return found.code_bits != 0 ? found : long_step(next);
  }

 private:
  static constexpr int kShort = 10;  // nearly all words that are met are no longer than this
  static constexpr std::size_t kLongest = 16;

  Step long_step(std::uint64_t next) const;

  std::array<Step, 1 << kShort> short_words_{};
  std::array<std::uint32_t, kLongest + 1> end_of_length_{};  // past the last word, as 16 bits
  std::array<std::int32_t, kLongest + 1> first_symbol_{};    // less the first word's number
  std::array<std::uint8_t, 256> symbols_{};
};

// Several AC coefficients in one look-up, for who need not know their values.
struct Stride {
  std::uint8_t bits = 0;          // of all words and values; 0: none fits whole into the window
  std::uint8_t coefficients = 0;  // that they stand for, zeros among them
  bool ends_block = false;
};

class AcStrides {
 public:
  explicit AcStrides(const HuffmanLookup& ac);

  Stride stride(std::uint64_t next) const { return strides_[next >> (64 - kWindow)]; }

 private:
  static constexpr int kWindow = 12;

  std::array<Stride, 1 << kWindow> strides_{};
};

}  // namespace colorize::jpeg
