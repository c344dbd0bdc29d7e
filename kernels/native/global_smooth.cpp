#include "global_smooth.hpp"

#include <cmath>
#include <vector>

namespace colorize {
namespace {

constexpr int kRounds = 3;

// Bonds between neighbours along one axis: exp(-sum of the guide's steps), 0 at the end of a line.
std::vector<float> bonds_along(const float* guide, std::size_t guides, Size size, bool down) {
  const std::size_t cells = size.height * size.width, step = down ? size.width : 1;
  std::vector<float> bonds(cells, 0.0f);
  for (std::size_t y = 0; y < size.height; ++y) {
    for (std::size_t x = 0; x < size.width; ++x) {
      if (down ? y + 1 == size.height : x + 1 == size.width) continue;
      const std::size_t at = y * size.width + x;
      float sum = 0.0f;
      for (std::size_t g = 0; g < guides; ++g) {
        sum += std::abs(guide[g * cells + at + step] - guide[g * cells + at]);
      }
      bonds[at] = std::exp(-sum);
    }
  }
  return bonds;
}

// Lines down the columns, a row of cells at a time, so that neighbours in memory are worked on together.
// Pivots in double, where 1 stands beside a strength of up to 1e6.
class ColumnSolver {
 public:
  explicit ColumnSolver(Size size)
      : size_(size), above_(cells()), below_(cells()), pivots_(cells()) {}

  void solve(float* planes, std::size_t count, const std::vector<float>& bonds, double strength) {
    const std::size_t width = size_.width;
    std::vector<double> ratio(width, 0.0), before(width, 0.0);
    for (std::size_t y = 0, at = 0; y < size_.height; ++y) {
      for (std::size_t x = 0; x < width; ++x, ++at) {
        const double after = strength * bonds[at];
        const double pivot = 1.0 / (1.0 + before[x] + after - before[x] * ratio[x]);
        ratio[x] = after * pivot;
        pivots_[at] = static_cast<float>(pivot);
        above_[at] = static_cast<float>(before[x] * pivot);
        below_[at] = static_cast<float>(ratio[x]);
        before[x] = after;
      }
    }
    for (std::size_t n = 0; n < count; ++n) {
      float* plane = planes + n * cells();
      for (std::size_t at = 0; at < width; ++at) plane[at] *= pivots_[at];
      for (std::size_t y = 1; y < size_.height; ++y) {
        const std::size_t at = y * width;
        combine(plane + at, pivots_.data() + at, above_.data() + at, plane + at - width);
      }
      for (std::size_t y = size_.height - 1; y-- > 0;) {
        const std::size_t at = y * width;
        add(plane + at, below_.data() + at, plane + at + width);
      }
    }
  }

 private:
  std::size_t cells() const { return size_.height * size_.width; }

  void combine(float* row, const float* pivots, const float* above, const float* previous) const {
    for (std::size_t x = 0; x < size_.width; ++x) {
      row[x] = row[x] * pivots[x] + above[x] * previous[x];
    }
  }

  void add(float* row, const float* below, const float* next) const {
    for (std::size_t x = 0; x < size_.width; ++x) row[x] += below[x] * next[x];
  }

  Size size_;
  std::vector<float> above_, below_, pivots_;
};

// Lines along rows, one after the other; all planes of a row together, for each waits for its neighbour.
class RowSolver {
 public:
  explicit RowSolver(Size size)
      : size_(size), above_(size.width), below_(size.width), pivots_(size.width) {}

  void solve(float* planes, std::size_t count, const std::vector<float>& bonds, double strength) {
    const std::size_t cells = size_.height * size_.width;
    for (std::size_t y = 0; y < size_.height; ++y) {
      const float* bond = bonds.data() + y * size_.width;
      double before = 0.0, ratio = 0.0;
      for (std::size_t x = 0; x < size_.width; ++x) {
        const double after = strength * bond[x];
        const double pivot = 1.0 / (1.0 + before + after - before * ratio);
        ratio = after * pivot;
        pivots_[x] = static_cast<float>(pivot);
        above_[x] = static_cast<float>(before * pivot);
        below_[x] = static_cast<float>(ratio);
        before = after;
      }
      for (std::size_t n = 0; n < count; ++n) {
        float* line = planes + n * cells + y * size_.width;
        float value = 0.0f;
        for (std::size_t x = 0; x < size_.width; ++x) {
          value = line[x] * pivots_[x] + above_[x] * value;
          line[x] = value;
        }
        for (std::size_t x = size_.width - 1; x-- > 0;) {
          value = line[x] + below_[x] * value;
          line[x] = value;
        }
      }
    }
  }

 private:
  Size size_;
  std::vector<float> above_, below_, pivots_;
};

}  // namespace

void smooth_globally(float* planes, std::size_t count, const float* guide, std::size_t guides,
                     Size size, double strength) {
  const std::vector<float> across = bonds_along(guide, guides, size, false);
  const std::vector<float> down = bonds_along(guide, guides, size, true);
  RowSolver across_rows(size);
  ColumnSolver down_columns(size);
  for (int turn = 1; turn <= kRounds; ++turn) {
    const double of_turn =
        1.5 * strength * std::pow(4.0, kRounds - turn) / (std::pow(4.0, kRounds) - 1.0);
    across_rows.solve(planes, count, across, of_turn);
    down_columns.solve(planes, count, down, of_turn);
  }
}

}  // namespace colorize
