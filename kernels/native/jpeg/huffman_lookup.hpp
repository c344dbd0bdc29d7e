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
  static constexpr int kShort = 10;  // nearly all words that are met are no longer
  static constexpr std::size_t kLongest = 16;

  Step long_step(std::uint64_t next) const;

  std::array<Step, 1 << kShort> short_words_{};
  std::array<std::uint32_t, kLongest + 1> end_of_length_{};  // past the last word, as 16 bits
  std::array<std::int32_t, kLongest + 1> first_symbol_{};    // less the first word's number
  std::array<std::uint8_t, 256> symbols_{};
};

}  // namespace colorize::jpeg
