#include "coded_scan.hpp"

#include <algorithm>
#include <cstring>

#include "error.hpp"

namespace colorize::jpeg {
namespace {

constexpr std::size_t kPadding = 16;  // bytes that may be loaded past the last one
constexpr int kUsableBits = 57;       // of a load at any bit position
constexpr int kLongestStep = 31;      // a word of 16 bits and 15 of its value
constexpr const char* kNoCodeWord = "damaged JPEG: bits that are no code word";

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
      ac_strides_(ac_),
      components_(static_cast<std::size_t>(components)),
      restart_interval_(restart_interval),
      last_dc_(components_) {
  unstuff(entropy);
  end_ = (segment_starts_.size() > 1 ? segment_starts_[1] : bytes_.size() - kPadding) * 8;
}

CodedBlock CodedScan::next() {
  const int dc = next_dc();
  return finish_block(dc, position_, 1);
}

CodedBlock CodedScan::next(LowAc& low) {
  constexpr int kLast = 4;  // zigzag places of the three: 1, 2 and 4
  const int dc = next_dc();
  const std::size_t ac_at = position_;
  std::array<int, kLast + 1> values{};
  int k = 1;
  while (k <= kLast) {
    const std::uint64_t bits = bits_at(position_);
    const Step step = ac_.step(bits);
    if (step.code_bits == 0) throw DamagedJpegError(kNoCodeWord);
    position_ += static_cast<std::size_t>(step.all_bits());
    if (step.ends_block()) {
      k = DCTSIZE2;
      break;
    }
    k += step.zeros();
    if (k <= kLast) {
      values[static_cast<std::size_t>(k)] = value_of(bits << step.code_bits, step.value_bits());
    }
    ++k;
  }
  low = {values[1], values[2], values[4]};
  return finish_block(dc, ac_at, k);
}

void CodedScan::check_end() const {
  if (segment_ + 1 != segment_starts_.size()) {
    throw DamagedJpegError("damaged JPEG: restart markers after its last block");
  }
}

// The DC coefficient of the next block; `position_` is then at its AC words.
int CodedScan::next_dc() {
  if (component_ == 0) begin_turn();
  const std::uint64_t bits = bits_at(position_);
  const Step step = dc_.step(bits);
  if (step.code_bits == 0) throw DamagedJpegError(kNoCodeWord);
  int& dc = last_dc_[component_];
  dc += value_of(bits << step.code_bits, step.value_bits());
  if (dc < -1024 || dc > 1023) throw DamagedJpegError("damaged JPEG: a coefficient out of range");
  position_ += static_cast<std::size_t>(step.all_bits());
  component_ = component_ + 1 == components_ ? 0 : component_ + 1;
  return dc;
}

// Goes to the end of a block whose coefficient `k`, in zigzag order, comes next.
CodedBlock CodedScan::finish_block(int dc, std::size_t ac_at, int k) {
  std::size_t position = position_;
  std::uint64_t bits = 0;
  int left = 0;
  while (k < DCTSIZE2) {
    if (left < kLongestStep) {
      bits = bits_at(position);
      left = kUsableBits;
    }
    const Stride stride = ac_strides_.stride(bits);
    int taken = stride.bits;
    if (taken != 0 && k + stride.coefficients <= DCTSIZE2 - stride.ends_block) {
      k += stride.coefficients;
      if (stride.ends_block) k = DCTSIZE2;
    } else {
      const Step step = ac_.step(bits);
      if (step.code_bits == 0) throw DamagedJpegError(kNoCodeWord);
      taken = step.all_bits();
      k = step.ends_block() ? DCTSIZE2 : k + step.zeros() + 1;
    }
    position += static_cast<std::size_t>(taken);
    bits <<= taken;
    left -= taken;
  }
  position_ = position;
  if (k > DCTSIZE2) throw DamagedJpegError("damaged JPEG: a block of over 64 coefficients");
  if (position > end_) throw DamagedJpegError("damaged JPEG: it ends before its last block");
  return {ac_at, static_cast<std::uint16_t>(position - ac_at), static_cast<std::int16_t>(dc)};
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
      if ((*at & 7u) != (segment_starts_.size() - 1) % 8) {
        throw DamagedJpegError("damaged JPEG: a restart marker out of its turn");
      }
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
  if (end_ - position_ >= 8) throw DamagedJpegError("damaged JPEG: stray bytes in its coded data");
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
