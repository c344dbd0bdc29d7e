#include "coded_scan.hpp"

#include <algorithm>
#include <cstring>

#include "error.hpp"

namespace colorize::jpeg {
namespace {

constexpr std::size_t kPadding = 16;  // bytes that may be loaded past the last one
constexpr int kUsableBits = 57;       // of a load at any bit position
constexpr int kLongestStep = 31;      // a word of 16 bits and 15 of its value
constexpr std::uint8_t kSixteenZeros = 0xF0;

// T.81, F.2.2.1, EXTEND: the value whose `size` bits are at the top of `bits`.
int value_of(std::uint64_t bits, int size) {
  if (size == 0) return 0;
  const int value = static_cast<int>(bits >> (64 - size));
  return value >> (size - 1) != 0 ? value : value - (1 << size) + 1;
}

}  // namespace

CodedScan::CodedScan(Bytes entropy, const HuffmanCode& dc, const HuffmanCode& ac, int components,
                     int restart_interval)
    : dc_(dc),
      ac_(ac),
      components_(static_cast<std::size_t>(components)),
      restart_interval_(restart_interval),
      last_dc_(components_) {
  unstuff(entropy);
  end_ = (segment_starts_.size() > 1 ? segment_starts_[1] : bytes_.size() - kPadding) * 8;
}

CodedBlock CodedScan::next() {
  if (component_ == 0) begin_turn();
  std::uint64_t bits = bits_at(position_);
  const Step first = dc_.step(bits);
  if (first.code_bits == 0) throw DamagedJpegError("damaged JPEG: bits that are no code word");
  int& dc = last_dc_[component_];
  dc += value_of(bits << first.code_bits, first.value_bits());
  if (dc < -1024 || dc > 1023) throw DamagedJpegError("damaged JPEG: a coefficient out of range");
  position_ += static_cast<std::size_t>(first.all_bits());
  component_ = component_ + 1 == components_ ? 0 : component_ + 1;

  const std::size_t ac_at = position_;
  int left = 0;
  for (int k = 1; k < DCTSIZE2; ++k) {
    if (left < kLongestStep) {
      bits = bits_at(position_);
      left = kUsableBits;
    }
    const Step step = ac_.step(bits);
    if (step.code_bits == 0) throw DamagedJpegError("damaged JPEG: bits that are no code word");
    const int taken = step.all_bits();
    position_ += static_cast<std::size_t>(taken);
    bits <<= taken;
    left -= taken;
    if (step.value_bits() == 0 && step.symbol != kSixteenZeros) break;  // the end of the block
    k += step.symbol >> 4;
    if (k >= DCTSIZE2) throw DamagedJpegError("damaged JPEG: a block of over 64 coefficients");
  }
  if (position_ > end_) throw DamagedJpegError("damaged JPEG: it ends before its last block");
  return {dc, ac_at, position_ - ac_at};
}

void CodedScan::copy_ac(const CodedBlock& block, BitWriter& out) const {
  constexpr std::size_t kAtOnce = 32;
  std::size_t at = block.ac_at;
  std::size_t left = block.ac_bits;
  for (; left > kAtOnce; left -= kAtOnce, at += kAtOnce) {
    out.put({static_cast<std::uint32_t>(bits_at(at) >> 32), kAtOnce});
  }
  // Its end-of-block word, at the least, is left.
  out.put({static_cast<std::uint32_t>(bits_at(at) >> (64 - left)), static_cast<int>(left)});
}

void CodedScan::unstuff(Bytes entropy) {
  bytes_.resize(entropy.size() + kPadding);
  segment_starts_.push_back(0);
  std::uint8_t* out = bytes_.data();
  const std::uint8_t* at = entropy.data();
  const std::uint8_t* const end = at + entropy.size();
  while (at < end) {
    const void* found = std::memchr(at, 0xFF, static_cast<std::size_t>(end - at));
    const auto* stop = found == nullptr ? end : static_cast<const std::uint8_t*>(found);
    std::memcpy(out, at, static_cast<std::size_t>(stop - at));
    out += stop - at;
    if (stop == end) break;
    at = stop + 1;
    if (at == end || *at == 0xFF) continue;  // a fill byte; the marker follows
    if (*at == 0) {
      *out++ = 0xFF;
    } else {
      segment_starts_.push_back(static_cast<std::size_t>(out - bytes_.data()));
    }
    ++at;
  }
  bytes_.resize(static_cast<std::size_t>(out - bytes_.data()) + kPadding);
  std::fill(bytes_.end() - kPadding, bytes_.end(), std::uint8_t{0});
}

void CodedScan::begin_turn() {
  if (restart_interval_ == 0 || turns_ < restart_interval_) {
    ++turns_;
    return;
  }
  turns_ = 1;
  if (++segment_ == segment_starts_.size()) {
    throw DamagedJpegError("damaged JPEG: it ends before its last block");
  }
  position_ = segment_starts_[segment_] * 8;
  const std::size_t after = segment_ + 1;
  end_ = (after < segment_starts_.size() ? segment_starts_[after] : bytes_.size() - kPadding) * 8;
  std::fill(last_dc_.begin(), last_dc_.end(), 0);
}

// The bits from `position` on, at least kUsableBits of them, at the top.
std::uint64_t CodedScan::bits_at(std::size_t position) const {
  const std::uint8_t* at = bytes_.data() + std::min(position / 8, bytes_.size() - 8);
  std::uint64_t word = 0;
  for (int i = 0; i < 8; ++i) word = word << 8 | at[i];  // compilers make one load of it
  return word << (position % 8);
}

}  // namespace colorize::jpeg
