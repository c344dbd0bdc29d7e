#include "luma_scan.hpp"

#include <algorithm>
#include <array>

#include "deadline.hpp"

namespace colorize::jpeg {
namespace {

int parts(int whole, int part) { return (whole + part - 1) / part; }

std::uint8_t sample(float value) {
  return static_cast<std::uint8_t>(std::clamp(value + 128.5f, 0.0f, 255.0f));
}

}  // namespace

LumaScan::LumaScan(const SequentialScan& scan, int height, int width,
                   const Quantization& quantization)
    : coded_(scan.entropy, scan.dc, scan.ac, 1, scan.restart_interval),
      ac_code_(scan.ac),
      block_columns_(parts(width, DCTSIZE)),
      quarter_(parts(height, 4), parts(width, 4)) {
  // The inverse DCT (T.81, A.3.3) averaged over quarters of a block.
  constexpr float kMean = 0.125f;
  constexpr float kSlope = 0.90612744f;  // sqrt(2) times the mean of cos((2 x + 1) pi / 16), x < 4
  const float dc_step = kMean * quantization[0];
  const float across_step = kMean * kSlope * quantization[1];
  const float down_step = kMean * kSlope * quantization[DCTSIZE];
  const float both_step = kMean * kSlope * kSlope * quantization[DCTSIZE + 1];

  const int block_rows = parts(height, DCTSIZE);
  blocks_.reserve(static_cast<std::size_t>(block_rows) * static_cast<std::size_t>(block_columns_));
  for (int y = 0; y < block_rows; ++y) {
    check_deadline();
    const bool two_rows = 2 * y + 1 < quarter_.height;
    std::uint8_t* upper = quarter_.row(2 * y);
    std::uint8_t* lower = two_rows ? quarter_.row(2 * y + 1) : nullptr;
    for (int x = 0; x < block_columns_; ++x) {
      LowAc low;
      const CodedBlock block = coded_.next(low);
      blocks_.push_back(block);
      const float mean = dc_step * static_cast<float>(block.dc);
      const float across = across_step * static_cast<float>(low.across);
      const float down = down_step * static_cast<float>(low.down);
      const float both = both_step * static_cast<float>(low.both);
      const bool two_columns = 2 * x + 1 < quarter_.width;
      upper[2 * x] = sample(mean + across + down + both);
      if (two_columns) upper[2 * x + 1] = sample(mean - across + down - both);
      if (!two_rows) continue;
      lower[2 * x] = sample(mean + across - down - both);
      if (two_columns) lower[2 * x + 1] = sample(mean - across - down + both);
    }
  }
  coded_.check_end();
}

}  // namespace colorize::jpeg
