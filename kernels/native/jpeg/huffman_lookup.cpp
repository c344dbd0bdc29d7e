#include "huffman_lookup.hpp"

#include <algorithm>

namespace colorize::jpeg {

HuffmanLookup::HuffmanLookup(const HuffmanCode& code) {
  std::copy(code.symbols().begin(), code.symbols().end(), symbols_.begin());
  std::uint32_t word = 0;
  std::size_t symbol = 0;
  for (std::size_t length = 1; length <= kLongest; ++length, word <<= 1) {
    first_symbol_[length] = static_cast<std::int32_t>(symbol) - static_cast<std::int32_t>(word);
    for (int i = 0; i < code.lengths()[length - 1]; ++i, ++word, ++symbol) {
      if (length > static_cast<std::size_t>(kShort)) continue;
      const std::size_t unused = static_cast<std::size_t>(kShort) - length;
      std::fill_n(short_words_.begin() + static_cast<std::ptrdiff_t>(word << unused),
                  std::size_t{1} << unused,
                  Step{static_cast<std::uint8_t>(length), symbols_[symbol]});
    }
    end_of_length_[length] = word << (kLongest - length);
  }
}

Step HuffmanLookup::long_step(std::uint64_t next) const {
  const auto bits = static_cast<std::uint32_t>(next >> (64 - kLongest));
  for (std::size_t length = kShort + 1; length <= kLongest; ++length) {
    if (bits >= end_of_length_[length]) continue;
    const auto word = static_cast<std::int32_t>(bits >> (kLongest - length));
    const auto number = static_cast<std::size_t>(first_symbol_[length] + word);
    return {static_cast<std::uint8_t>(length), symbols_[number & 255]};
  }
  return {};
}

AcStrides::AcStrides(const HuffmanLookup& ac) {
  for (std::size_t window = 0; window < strides_.size(); ++window) {
    const std::uint64_t bits = static_cast<std::uint64_t>(window) << (64 - kWindow);
    Stride& stride = strides_[window];
    while (!stride.ends_block) {
      const Step step = ac.step(bits << stride.bits);
      if (step.code_bits == 0 || stride.bits + step.all_bits() > kWindow) break;
      stride.bits = static_cast<std::uint8_t>(stride.bits + step.all_bits());
      stride.ends_block = step.ends_block();
      if (stride.ends_block) break;
      stride.coefficients = static_cast<std::uint8_t>(stride.coefficients + step.zeros() + 1);
    }
  }
}

}  // namespace colorize::jpeg
