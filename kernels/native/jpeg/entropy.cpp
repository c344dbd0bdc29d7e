#include "entropy.hpp"

#include <numeric>
#include <utility>

#include "chroma.hpp"
#include "error.hpp"

namespace colorize::jpeg {
namespace {

constexpr int kLongestWord = 16;
constexpr std::uint8_t kRst0 = 0xD0;

}  // namespace

HuffmanCode::HuffmanCode(const JHUFF_TBL& table)
    : HuffmanCode({table.bits + 1, kLongestWord}, {table.huffval, sizeof table.huffval}) {}

// T.81, annex C: words of one length count upwards; the next length goes on with a 0 appended.
HuffmanCode::HuffmanCode(std::span<const std::uint8_t> lengths,
                         std::span<const std::uint8_t> symbols)
    : lengths_(lengths.begin(), lengths.end()) {
  const auto count = std::accumulate(lengths_.begin(), lengths_.end(), std::size_t{0});
  if (lengths.size() != kLongestWord || count > symbols.size() || count > words_.size()) {
    throw DamagedJpegError("damaged JPEG: a broken Huffman table");
  }
  symbols_.assign(symbols.begin(), symbols.begin() + static_cast<std::ptrdiff_t>(count));
  std::uint32_t next = 0;
  std::size_t symbol = 0;
  for (int length = 1; length <= kLongestWord; ++length, next <<= 1) {
    const std::uint8_t words = lengths_[static_cast<std::size_t>(length - 1)];
    if (next + words > 1u << length) throw DamagedJpegError("damaged JPEG: a broken Huffman table");
    for (int i = 0; i < words; ++i) words_[symbols_[symbol++]] = {next++, length};
  }
}

std::vector<std::uint8_t> HuffmanCode::segment(std::uint8_t id) const {
  std::vector<std::uint8_t> payload;
  payload.reserve(1 + lengths_.size() + symbols_.size());
  payload.push_back(id);
  payload.insert(payload.end(), lengths_.begin(), lengths_.end());
  payload.insert(payload.end(), symbols_.begin(), symbols_.end());
  return payload;
}

// libjpeg's defaults, which carry the tables of T.81.
struct StandardTables::Source {
  explicit Source(int quality) : destination(0), compressor(destination) {
    guarded(compressor.error, [this, quality] {
      compressor.info.input_components = 3;
      compressor.info.in_color_space = JCS_YCbCr;
      jpeg_set_defaults(&compressor.info);
      jpeg_set_quality(&compressor.info, quality, TRUE);
    });
  }

  GrowingDestination destination;
  Compressor compressor;
};

StandardTables::StandardTables(int quality) : StandardTables(Source(quality)) {}

StandardTables::StandardTables(const Source& source)
    : quantization(quantization_of(*source.compressor.info.quant_tbl_ptrs[kChromaTable])),
      luma_dc(*source.compressor.info.dc_huff_tbl_ptrs[0]),
      dc(*source.compressor.info.dc_huff_tbl_ptrs[kChromaTable]),
      ac(*source.compressor.info.ac_huff_tbl_ptrs[kChromaTable]) {}

void BitWriter::restart() {
  fill_byte();
  make_room();
  bytes_[size_++] = 0xFF;
  bytes_[size_++] = static_cast<std::uint8_t>(kRst0 + next_restart_);
  next_restart_ = (next_restart_ + 1) % 8;
}

std::vector<std::uint8_t> BitWriter::finish() {
  fill_byte();
  bytes_.resize(size_);
  return std::move(bytes_);
}

void BitWriter::flush_word() {
  const auto word = static_cast<std::uint32_t>(pending_ >> (count_ - 32));
  if ((word & ~(word + 0x01010101u) & 0x80808080u) != 0) {  // one of the bytes may be 0xFF
    flush_bytes();
    return;
  }
  count_ -= 32;
  make_room();
  for (std::size_t i = 0; i < 4; ++i) {
    bytes_[size_ + i] = static_cast<std::uint8_t>(word >> (24 - 8 * i));
  }
  size_ += 4;
}

void BitWriter::flush_bytes() {
  make_room();
  while (count_ >= 8) {
    count_ -= 8;
    const auto byte = static_cast<std::uint8_t>(pending_ >> count_);
    bytes_[size_++] = byte;
    if (byte == 0xFF) bytes_[size_++] = 0;
  }
}

void BitWriter::fill_byte() {
  const int missing = (8 - count_ % 8) % 8;
  put({(1u << missing) - 1u, missing});
  flush_bytes();
}

void BitWriter::make_room() {
  constexpr std::size_t kMost = 16;  // eight bytes, a zero after each
  if (size_ + kMost > bytes_.size()) bytes_.resize(2 * bytes_.size() + kMost * 64);
}

}  // namespace colorize::jpeg
