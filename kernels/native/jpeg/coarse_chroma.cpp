#include "coarse_chroma.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "entropy.hpp"
#include "metadata.hpp"
#include "segments.hpp"
#include "zigzag.hpp"

namespace colorize::jpeg {
namespace {

constexpr int kSide = 4;                       // samples of a square each way
constexpr std::size_t kCount = kSide * kSide;  // coefficients of a block that are not 0
constexpr float kOffset = 128.0f;              // of unsigned samples

// What a block codes: the k-th of its low frequencies in zigzag order, for all blocks of a row.
struct BlockRow {
  explicit BlockRow(std::size_t blocks) : set(blocks) {
    for (auto& of_blocks : coefficients) of_blocks.resize(blocks);
  }

  std::array<std::vector<std::int16_t>, kCount> coefficients;
  std::vector<std::uint16_t> set;  // bit k: the k-th coefficient is not 0; bit 0 is unused
};

// The zigzag index and the place, row by row in the square, of each of the low frequencies.
struct LowFrequencies {
  std::array<std::uint8_t, kCount> zigzag{};
  std::array<std::uint8_t, kCount> place{};

  constexpr LowFrequencies() {
    std::size_t k = 0;
    for (std::size_t index = 0; index < DCTSIZE2; ++index) {
      const int row = kNaturalOrder[index] / DCTSIZE;
      const int column = kNaturalOrder[index] % DCTSIZE;
      if (row >= kSide || column >= kSide) continue;
      zigzag[k] = static_cast<std::uint8_t>(index);
      place[k++] = static_cast<std::uint8_t>(row * kSide + column);
    }
  }
};

constexpr LowFrequencies kLow;

// The orthonormal DCT of four values, times the square root of two: what the eight-point DCT of
// twice as many values between them has in its lowest four.
struct Spectrum {
  float at[kSide];
};

inline Spectrum spectrum(float x0, float x1, float x2, float x3) {
  constexpr float kHalfRoot = 0.70710678f;  // the square root of 1/2
  constexpr float kCos1 = 0.92387953f;      // cos(pi / 8)
  constexpr float kCos3 = 0.38268343f;      // cos(3 pi / 8)
  const float s0 = x0 + x3, s1 = x1 + x2, d0 = x0 - x3, d1 = x1 - x2;
  return {{kHalfRoot * (s0 + s1), kCos1 * d0 + kCos3 * d1, kHalfRoot * (s0 - s1),
           kCos3 * d0 - kCos1 * d1}};
}

// Rounds to the nearest; |x| < 2^22. Adding 1.5 * 2^23 leaves the whole number in the low bits,
// which vectorises where a conversion that must honour the rounding mode does not.
inline std::int16_t rounded(float x) {
  constexpr float kShift = 12582912.0f;
  return static_cast<std::int16_t>(std::bit_cast<std::int32_t>(x + kShift) -
                                   std::bit_cast<std::int32_t>(kShift));
}

class RowTransform {
 public:
  RowTransform(int width, const Quantization& table)
      : blocks_(static_cast<std::size_t>((width + kSide - 1) / kSide)) {
    for (auto& row : samples_) row.resize(blocks_ * kSide);
    for (std::size_t k = 0; k < kCount; ++k) {
      const int place = kLow.place[k];
      const std::size_t natural = static_cast<std::size_t>(place / kSide * DCTSIZE + place % kSide);
      shares_[k] = 1.0f / static_cast<float>(table[natural]);
    }
  }

  std::size_t blocks() const { return blocks_; }

  // Four rows of `plane` from `top`, the last row and column repeated, as quantised coefficients.
  void run(const PlaneView& plane, int top, BlockRow& out) {
    load(plane, top);
    for (std::size_t x = 0; x < blocks_ * kSide; ++x) {
      const Spectrum s = spectrum(samples_[0][x], samples_[1][x], samples_[2][x], samples_[3][x]);
      for (std::size_t v = 0; v < kSide; ++v) samples_[v][x] = s.at[v];
    }
    for (std::size_t v = 0; v < kSide; ++v) {
      const float* row = samples_[v].data();
      for (std::size_t b = 0; b < blocks_; ++b) {
        const Spectrum s = spectrum(row[4 * b], row[4 * b + 1], row[4 * b + 2], row[4 * b + 3]);
        for (std::size_t u = 0; u < kSide; ++u) spectra_[v * kSide + u][b % kRun] = s.at[u];
        if (b % kRun == kRun - 1 || b + 1 == blocks_) quantize(v, b / kRun * kRun, b + 1, out);
      }
    }
    mark(out);
  }

 private:
  static constexpr std::size_t kRun = 256;

  void load(const PlaneView& plane, int top) {
    const auto width = static_cast<std::size_t>(plane.width);
    for (int r = 0; r < kSide; ++r) {
      const std::uint8_t* source = plane.row(std::min(top + r, plane.height - 1));
      std::vector<float>& row = samples_[static_cast<std::size_t>(r)];
      for (std::size_t x = 0; x < width; ++x) row[x] = static_cast<float>(source[x]) - kOffset;
      std::fill(row.begin() + plane.width, row.end(), row[width - 1]);
    }
  }

  void quantize(std::size_t v, std::size_t first, std::size_t last, BlockRow& out) {
    for (std::size_t k = 0; k < kCount; ++k) {
      if (kLow.place[k] / kSide != static_cast<int>(v)) continue;
      const float share = shares_[k];
      const float* spectra = spectra_[kLow.place[k]].data();
      std::int16_t* coefficients = out.coefficients[k].data() + first;
      for (std::size_t i = 0; i < last - first; ++i) coefficients[i] = rounded(spectra[i] * share);
    }
  }

  static void mark(BlockRow& out) {
    std::fill(out.set.begin(), out.set.end(), std::uint16_t{0});
    for (std::size_t k = 1; k < kCount; ++k) {
      const std::int16_t* coefficients = out.coefficients[k].data();
      std::uint16_t* set = out.set.data();
      for (std::size_t b = 0; b < out.set.size(); ++b) {
        set[b] = static_cast<std::uint16_t>(set[b] | (coefficients[b] != 0) << k);
      }
    }
  }

  std::size_t blocks_;
  std::array<std::vector<float>, kSide> samples_;
  std::array<std::array<float, kRun>, kCount> spectra_{};
  std::array<float, kCount> shares_{};
};

// T.81, F.1.2: the DC difference and the AC coefficients of blocks, in one scan or in two.
class ScanCoder {
 public:
  ScanCoder(const HuffmanCode& dc, const HuffmanCode& ac, int restart_interval)
      : dc_(dc), ac_(ac), restart_interval_(restart_interval) {}

  void begin_block() {
    if (restart_interval_ > 0 && blocks_ == restart_interval_) {
      bits_.restart();
      blocks_ = 0;
      last_dc_ = 0;
    }
    ++blocks_;
  }

  void dc(int value) {
    put_dc_difference(value - last_dc_, dc_, bits_);
    last_dc_ = value;
  }

  void ac(const BlockRow& row, std::size_t block) {
    constexpr std::uint8_t kEndOfBlock = 0x00, kSixteenZeros = 0xF0;
    int last_index = 0;
    for (unsigned set = row.set[block]; set != 0; set &= set - 1) {
      const auto k = static_cast<std::size_t>(std::countr_zero(set));
      const int value = row.coefficients[k][block];
      int zeros = kLow.zigzag[k] - last_index - 1;
      last_index = kLow.zigzag[k];
      for (; zeros > 15; zeros -= 16) bits_.put(ac_.word(kSixteenZeros));
      const int size = magnitude_bits(value);
      bits_.put(ac_.word(static_cast<std::uint8_t>(zeros << 4 | size)));
      bits_.put(magnitude(value, size));
    }
    bits_.put(ac_.word(kEndOfBlock));  // the last coefficient of a block is always 0
  }

  std::vector<std::uint8_t> finish() { return bits_.finish(); }

 private:
  const HuffmanCode& dc_;
  const HuffmanCode& ac_;
  BitWriter bits_;
  int restart_interval_;
  int blocks_ = 0;
  int last_dc_ = 0;
};

void append_scan(std::vector<std::uint8_t>& out, std::uint8_t id, std::uint8_t first,
                 std::uint8_t last, const std::vector<std::uint8_t>& coded) {
  const std::array<std::uint8_t, 6> header{1, id, kChromaTable << 4 | kChromaTable, first, last, 0};
  append_segment(out, marker::kSos, header);
  out.insert(out.end(), coded.begin(), coded.end());
}

}  // namespace

std::array<CodedPlane, 2> code_coarse_chroma(const PlaneView& cb, const PlaneView& cr,
                                             const StandardTables& tables,
                                             const ChromaOptions& options) {
  RowTransform transform(cb.width, tables.quantization);
  BlockRow row(transform.blocks());
  std::array<CodedPlane, 2> coded;
  for (std::size_t p = 0; p < coded.size(); ++p) {
    const PlaneView& plane = p == 0 ? cb : cr;
    ScanCoder whole(tables.dc, tables.ac, options.restart_interval);
    ScanCoder rest(tables.dc, tables.ac, options.restart_interval);  // progressive: AC by itself
    ScanCoder& ac_scan = options.progressive ? rest : whole;
    for (int top = 0; top < plane.height; top += kSide) {
      transform.run(plane, top, row);
      for (std::size_t block = 0; block < transform.blocks(); ++block) {
        whole.begin_block();
        whole.dc(row.coefficients[0][block]);
        if (options.progressive) rest.begin_block();
        ac_scan.ac(row, block);
      }
    }
    coded[p].first = whole.finish();
    if (options.progressive) coded[p].rest = rest.finish();
  }
  return coded;
}

Quantization append_coarse_chroma(std::vector<std::uint8_t>& out, const PlaneView& cb,
                                  const PlaneView& cr, const ChromaOptions& options) {
  constexpr std::uint8_t kLastCoefficient = DCTSIZE2 - 1;
  const StandardTables tables(options.quality);
  append_segment(out, marker::kDht, tables.dc.segment(kChromaTable));
  append_segment(out, marker::kDht, tables.ac.segment(0x10 | kChromaTable));
  append_restart_interval(out, options.restart_interval);
  const std::array<CodedPlane, 2> coded = code_coarse_chroma(cb, cr, tables, options);
  for (std::size_t p = 0; p < coded.size(); ++p) {
    const std::uint8_t id = p == 0 ? kCbId : kCrId;
    append_scan(out, id, 0, 0, coded[p].first);
    append_scan(out, id, 1, kLastCoefficient, coded[p].rest);
  }
  return tables.quantization;
}

}  // namespace colorize::jpeg
