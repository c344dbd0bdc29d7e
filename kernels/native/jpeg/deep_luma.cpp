#include "deep_luma.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <optional>
#include <string>

#include "entropy.hpp"
#include "error.hpp"
#include "huffman_lookup.hpp"
#include "segments.hpp"
#include "sequential_scan.hpp"
#include "zigzag.hpp"

namespace colorize::jpeg {
namespace {

constexpr std::uint8_t kSof1 = 0xC1;
constexpr int kBits = 12;
constexpr int kMost = (1 << kBits) - 1;
constexpr long long kMostPixels = 1LL << 31;
constexpr std::size_t kSide = DCTSIZE;

using Block = std::array<float, DCTSIZE2>;

struct Component {
  int id = 0;
  int horizontal = 1;
  int vertical = 1;
  std::size_t quantization = 0;
  int block_columns = 0;  // of its own samples, not filled up to whole MCUs
  int block_rows = 0;
  int last_dc = 0;
  const HuffmanLookup* dc = nullptr;
  const HuffmanLookup* ac = nullptr;
};

// Bits of an entropy-coded segment; past its end or a marker they are zeros, and are counted.
class BitReader {
 public:
  explicit BitReader(Bytes data) : data_(data) {}

  std::uint64_t top() {
    while (count_ <= 56) {
      std::uint64_t byte = 0;
      if (at_ < data_.size() && !(data_[at_] == 0xFF && at_ + 1 < data_.size() && data_[at_ + 1] != 0)) {
        byte = data_[at_];
        at_ += byte == 0xFF ? 2 : 1;
      } else {
        missing_ += 8;
      }
      bits_ |= byte << (56 - count_);
      count_ += 8;
    }
    return bits_;
  }

  void take(int count) {
    bits_ = count < 64 ? bits_ << count : 0;
    count_ -= count;
    if (count_ < missing_) throw DamagedJpegError("damaged JPEG: it ends before its last block");
  }

  // Goes behind the next restart marker.
  void restart() {
    bits_ = 0;
    count_ = missing_ = 0;
    while (at_ + 1 < data_.size()) {
      if (data_[at_] == 0xFF && (data_[at_ + 1] & 0xF8) == 0xD0) {
        at_ += 2;
        return;
      }
      ++at_;
    }
    throw DamagedJpegError("damaged JPEG: a restart marker is missing");
  }

 private:
  Bytes data_;
  std::size_t at_ = 0;
  std::uint64_t bits_ = 0;
  int count_ = 0;
  int missing_ = 0;  // of the bits that are held: zeros that the file does not have
};

int value_of(std::uint64_t bits, int size) {
  if (size == 0) return 0;
  const int value = static_cast<int>(bits >> (64 - size));
  return value >> (size - 1) != 0 ? value : value - (1 << size) + 1;
}

Step next_step(BitReader& reader, const HuffmanLookup& code, int& value) {
  const std::uint64_t bits = reader.top();
  const Step step = code.step(bits);
  if (step.code_bits == 0) throw DamagedJpegError("damaged JPEG: bits that are no code word");
  value = value_of(bits << step.code_bits, step.value_bits());
  reader.take(step.all_bits());
  return step;
}

// Reads a block; its coefficients are left in `out` where that is not null.
void read_block(BitReader& reader, Component& component, const Quantization& table, Block* out) {
  int value = 0;
  next_step(reader, *component.dc, value);
  component.last_dc += value;
  if (out != nullptr) {
    out->fill(0);
    (*out)[0] = static_cast<float>(component.last_dc) * static_cast<float>(table[0]);
  }
  for (int k = 1; k < DCTSIZE2; ++k) {
    const Step step = next_step(reader, *component.ac, value);
    if (step.ends_block()) break;
    k += step.zeros();
    if (k >= DCTSIZE2) throw DamagedJpegError("damaged JPEG: a block of over 64 coefficients");
    if (out != nullptr) {
      const std::size_t at = kNaturalOrder[static_cast<std::size_t>(k)];
      (*out)[at] = static_cast<float>(value) * static_cast<float>(table[at]);
    }
  }
}

// T.81, A.3.3: cosines[x][u] with the factor of u.
std::array<Block::value_type, DCTSIZE2> cosines() {
  std::array<float, DCTSIZE2> table{};
  for (std::size_t x = 0; x < kSide; ++x) {
    for (std::size_t u = 0; u < kSide; ++u) {
      const double factor = u == 0 ? std::sqrt(0.125) : 0.5;
      const double angle = static_cast<double>((2 * x + 1) * u) * std::numbers::pi / 16;
      table[x * kSide + u] = static_cast<float>(factor * std::cos(angle));
    }
  }
  return table;
}

void write_block(const Block& block, int top, int left, DeepPlane& plane) {
  static const std::array<float, DCTSIZE2> kCosines = cosines();
  Block rows{};
  for (std::size_t v = 0; v < kSide; ++v) {
    for (std::size_t x = 0; x < kSide; ++x) {
      float sum = 0;
      for (std::size_t u = 0; u < kSide; ++u) sum += kCosines[x * kSide + u] * block[v * kSide + u];
      rows[v * kSide + x] = sum;
    }
  }
  const int height = std::min(DCTSIZE, plane.height - top);
  const int width = std::min(DCTSIZE, plane.width - left);
  for (int y = 0; y < height; ++y) {
    const auto row = static_cast<std::size_t>(top + y) * static_cast<std::size_t>(plane.width);
    for (int x = 0; x < width; ++x) {
      float sum = 2048.5f;
      for (std::size_t v = 0; v < kSide; ++v) {
        sum += kCosines[static_cast<std::size_t>(y) * kSide + v] *
               rows[v * kSide + static_cast<std::size_t>(x)];
      }
      plane.samples[row + static_cast<std::size_t>(left + x)] =
          static_cast<std::uint16_t>(std::clamp(sum, 0.0f, static_cast<float>(kMost)));
    }
  }
}

int parts(int whole, int part) { return (whole + part - 1) / part; }

class Decoder {
 public:
  explicit Decoder(Bytes jpeg) : segments_(jpeg) {
    const FrameHeader& frame = segments_.frame;
    if (frame.code != kSof1 || frame.precision_bits != kBits) {
      throw UnsupportedJpegError("expected an extended sequential JPEG of 12 bits");
    }
    if (static_cast<long long>(frame.height) * frame.width > kMostPixels || frame.height < 1 ||
        frame.width < 1 || frame.components < 1 || frame.components > 4) {
      throw UnsupportedJpegError("expected a JPEG of 1..4 components and at most 2^31 pixels");
    }
    if (static_cast<std::size_t>(frame.height) * static_cast<std::size_t>(frame.width) / 512 >
        segments_.entropy_bytes) {
      throw DamagedJpegError("damaged JPEG: it ends before its last block");
    }
    plane_.height = frame.height;
    plane_.width = frame.width;
    plane_.samples.resize(static_cast<std::size_t>(frame.height) *
                          static_cast<std::size_t>(frame.width));
  }

  DeepPlane decode() {
    if (!segments_.ended) throw DamagedJpegError("damaged JPEG: it ends before its end");
    for (const Segment& segment : segments_.all) {
      switch (segment.code) {
        case marker::kDqt:
          define_quantization(segment.payload);
          break;
        case marker::kDht:
          define_huffman(segment.payload);
          break;
        case marker::kDri:
          if (segment.payload.size() == 2) restart_interval_ = u16_at(segment.payload, 0);
          break;
        case kSof1:
          define_frame(segment.payload);
          break;
        case marker::kSos:
          decode_scan(segment);
          break;
        default:
          break;
      }
    }
    if (!has_luma_) throw DamagedJpegError("damaged JPEG: its luma is missing");
    return std::move(plane_);
  }

 private:
  void define_quantization(Bytes payload) {
    while (!payload.empty()) {
      const std::size_t bytes = payload[0] >> 4 != 0 ? 2 : 1;
      const std::size_t number = payload[0] & 15;
      if (number > 3 || payload.size() < 1 + bytes * DCTSIZE2) {
        throw DamagedJpegError("damaged JPEG: a broken quantisation table");
      }
      for (std::size_t k = 0; k < DCTSIZE2; ++k) {
        const std::size_t at = 1 + bytes * k;
        quantization_[number][kNaturalOrder[k]] = static_cast<std::uint16_t>(
            bytes == 2 ? u16_at(payload, at) : static_cast<int>(payload[at]));
      }
      payload = payload.subspan(1 + bytes * DCTSIZE2);
    }
  }

  void define_huffman(Bytes payload) {
    for_each_huffman_table(payload, [this](std::size_t kind, std::size_t number, HuffmanCode code) {
      lookups_[kind][number].emplace(code);
    });
  }

  void define_frame(Bytes payload) {
    int most_horizontal = 1;
    int most_vertical = 1;
    for (std::size_t i = 0; i < static_cast<std::size_t>(segments_.frame.components); ++i) {
      const Bytes entry = payload.subspan(6 + 3 * i, 3);
      Component component;
      component.id = entry[0];
      component.horizontal = entry[1] >> 4;
      component.vertical = entry[1] & 15;
      component.quantization = entry[2];
      if (component.horizontal < 1 || component.horizontal > 4 || component.vertical < 1 ||
          component.vertical > 4 || component.quantization > 3) {
        throw DamagedJpegError("damaged JPEG: a broken frame header");
      }
      most_horizontal = std::max(most_horizontal, component.horizontal);
      most_vertical = std::max(most_vertical, component.vertical);
      components_.push_back(component);
    }
    mcu_columns_ = parts(plane_.width, DCTSIZE * most_horizontal);
    mcu_rows_ = parts(plane_.height, DCTSIZE * most_vertical);
    for (Component& component : components_) {
      component.block_columns =
          parts(parts(plane_.width * component.horizontal, most_horizontal), DCTSIZE);
      component.block_rows = parts(parts(plane_.height * component.vertical, most_vertical), DCTSIZE);
    }
    if (components_[0].horizontal != most_horizontal || components_[0].vertical != most_vertical) {
      throw UnsupportedJpegError("expected a JPEG with full-size luma, found luma subsampled");
    }
  }

  void decode_scan(const Segment& segment) {
    const Bytes header = segment.payload;
    const std::size_t count = header.empty() ? 0 : header[0];
    if (count < 1 || count > 4 || header.size() != 4 + 2 * count) {
      throw DamagedJpegError("damaged JPEG: a broken scan header");
    }
    std::vector<Component*> parts_of_scan;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t dc = header[2 + 2 * i] >> 4;
      const std::size_t ac = header[2 + 2 * i] & 15;
      const auto found = std::find_if(components_.begin(), components_.end(), [&](const Component& c) {
        return c.id == header[1 + 2 * i];
      });
      if (found == components_.end() || dc > 3 || ac > 3 || !lookups_[0][dc] || !lookups_[1][ac]) {
        throw DamagedJpegError("damaged JPEG: a scan lacks its tables");
      }
      found->dc = &*lookups_[0][dc];
      found->ac = &*lookups_[1][ac];
      found->last_dc = 0;
      parts_of_scan.push_back(&*found);
    }
    BitReader reader(segment.entropy);
    const bool alone = count == 1;
    const int rows = alone ? parts_of_scan[0]->block_rows : mcu_rows_;
    const int columns = alone ? parts_of_scan[0]->block_columns : mcu_columns_;
    int since_restart = 0;
    for (int row = 0; row < rows; ++row) {
      for (int column = 0; column < columns; ++column) {
        if (restart_interval_ > 0 && since_restart == restart_interval_) {
          reader.restart();
          for (Component* component : parts_of_scan) component->last_dc = 0;
          since_restart = 0;
        }
        ++since_restart;
        for (Component* component : parts_of_scan) {
          const int down = alone ? 1 : component->vertical;
          const int across = alone ? 1 : component->horizontal;
          for (int v = 0; v < down; ++v) {
            for (int h = 0; h < across; ++h) {
              decode_block(reader, *component, row * down + v, column * across + h);
            }
          }
        }
      }
    }
  }

  void decode_block(BitReader& reader, Component& component, int row, int column) {
    const bool is_luma = &component == &components_[0];
    Block block;
    read_block(reader, component, quantization_[component.quantization], is_luma ? &block : nullptr);
    if (!is_luma) return;
    has_luma_ = true;
    if (row < component.block_rows && column < component.block_columns) {
      write_block(block, row * DCTSIZE, column * DCTSIZE, plane_);
    }
  }

  Segments segments_;
  DeepPlane plane_;
  std::array<Quantization, 4> quantization_{};
  std::array<std::array<std::optional<HuffmanLookup>, 4>, 2> lookups_;
  std::vector<Component> components_;
  int restart_interval_ = 0;
  int mcu_rows_ = 0;
  int mcu_columns_ = 0;
  bool has_luma_ = false;
};

}  // namespace

DeepPlane decode_deep_luma(Bytes jpeg) { return Decoder(jpeg).decode(); }

}  // namespace colorize::jpeg
