#include "sequential_scan.hpp"

#include <array>
#include <numeric>
#include <utility>

#include "error.hpp"

namespace colorize::jpeg {
namespace {

constexpr std::size_t kLengths = 16;
constexpr std::uint8_t kEndOfBlock = 0x00;

// The tables of both classes (DC, AC) and four numbers, as far as they were defined.
using Tables = std::array<std::array<std::optional<HuffmanCode>, 4>, 2>;

}  // namespace

void for_each_huffman_table(
    Bytes payload, const std::function<void(std::size_t, std::size_t, HuffmanCode)>& take) {
  while (!payload.empty()) {
    const std::size_t kind = payload[0] >> 4;
    const std::size_t number = payload[0] & 15;
    if (payload.size() < 1 + kLengths || kind > 1 || number > 3) {
      throw DamagedJpegError("damaged JPEG: a broken Huffman table");
    }
    const Bytes lengths = payload.subspan(1, kLengths);
    const auto symbols = std::accumulate(lengths.begin(), lengths.end(), std::size_t{0});
    take(kind, number, HuffmanCode(lengths, payload.subspan(1 + kLengths)));
    payload = payload.subspan(1 + kLengths + symbols);
  }
}

std::optional<SequentialScan> sequential_scan(const Segments& gray) {
  if (!gray.ended) throw DamagedJpegError("damaged JPEG: it ends before its end-of-image marker");
  if (gray.scans != 1) return std::nullopt;
  Tables tables;
  int restart_interval = 0;
  for (const Segment& segment : gray.all) {
    if (segment.code == marker::kDht) {
      for_each_huffman_table(segment.payload,
                             [&](std::size_t kind, std::size_t number, HuffmanCode code) {
                               tables[kind][number] = std::move(code);
                             });
    }
    if (segment.code == marker::kDri && segment.payload.size() == 2) {
      restart_interval = u16_at(segment.payload, 0);
    }
    if (segment.code != marker::kSos) continue;
    // T.81, B.2.3: one component, its number, its tables, and three bytes of progression.
    if (segment.payload.size() != 6 || segment.payload[0] != 1) return std::nullopt;
    const std::size_t dc = segment.payload[2] >> 4;
    const std::size_t ac = segment.payload[2] & 15;
    if (dc > 3 || ac > 3 || !tables[0][dc] || !tables[1][ac]) return std::nullopt;
    if (tables[1][ac]->word(kEndOfBlock).count == 0) return std::nullopt;
    return SequentialScan{segment.entropy, *tables[0][dc], *tables[1][ac], restart_interval};
  }
  return std::nullopt;
}

}  // namespace colorize::jpeg
