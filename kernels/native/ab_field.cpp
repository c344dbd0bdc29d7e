#include "ab_field.hpp"

#include <algorithm>
#include <cmath>

#include "guided_lines.hpp"

namespace colorize {
namespace {

constexpr float kChromaLimit = 134.0f;  // the farthest colour of sRGB, its blue, lies at 133.8

// Half-pixel centres, edges clamped.
double place(std::size_t i, double ratio, std::size_t size) {
  const double centre = (static_cast<double>(i) + 0.5) * ratio - 0.5;
  return std::clamp(centre, 0.0, static_cast<double>(size - 1));
}

// fx and fz of planes as a model gives them.
std::vector<std::vector<float>> offsets(AbPlanes planes, float saturation) {
  const std::size_t n = planes.size.height * planes.size.width;
  std::vector<std::vector<float>> out(2, std::vector<float>(n));
  for (std::size_t i = 0; i < n; ++i) {
    const float a_in = planes.values[i], b_in = planes.values[n + i];
    const double a = std::isfinite(a_in) ? static_cast<double>(a_in) * saturation : 0.0;
    const double b = std::isfinite(b_in) ? static_cast<double>(b_in) * saturation : 0.0;
    const double shorten = std::min(1.0, kChromaLimit / std::max(std::hypot(a, b), 1.0));
    out[0][i] = static_cast<float>(a * shorten / 500.0);
    out[1][i] = static_cast<float>(b * shorten / -200.0);
  }
  return out;
}

}  // namespace

AbField::AbField(AbPlanes planes, float saturation, const std::vector<float>& small_guide,
                 Size output)
    : small_(planes.size),
      cells_per_row_(static_cast<double>(small_.height) / static_cast<double>(output.height)),
      planes_(offsets(planes, saturation)),
      cells_(output.width),
      parts_(output.width) {
  if (!small_guide.empty()) planes_ = guided_lines(planes_, small_guide, small_);
  values_.resize(planes_.size() * small_.width);
  steps_.resize(values_.size());
  for (std::size_t start = 0; start < values_.size(); start += small_.width) {
    row_.push_back({values_.data() + start, steps_.data() + start});
  }
  const double ratio = static_cast<double>(small_.width) / static_cast<double>(output.width);
  for (std::size_t x = 0; x < output.width; ++x) {
    const double centre = place(x, ratio, small_.width);
    cells_[x] = static_cast<std::int32_t>(centre);
    parts_[x] = static_cast<float>(centre - cells_[x]);
  }
}

void AbField::move_to_row(std::size_t y) {
  const double centre = place(y, cells_per_row_, small_.height);
  const auto above = static_cast<std::size_t>(centre);
  const std::size_t below = std::min(above + 1, small_.height - 1);
  const auto part = static_cast<float>(centre - static_cast<double>(above));
  const std::size_t width = small_.width;
  for (std::size_t p = 0; p < planes_.size(); ++p) {
    const float* upper = planes_[p].data() + above * width;
    const float* lower = planes_[p].data() + below * width;
    float* value = values_.data() + p * width;
    float* step = steps_.data() + p * width;
    for (std::size_t x = 0; x < width; ++x) value[x] = upper[x] + part * (lower[x] - upper[x]);
    for (std::size_t x = 0; x + 1 < width; ++x) step[x] = value[x + 1] - value[x];
    step[width - 1] = 0.0f;
  }
}

void AbField::read(std::size_t x, std::size_t n, const float* guide, float* fx, float* fz) const {
  const Places places{cells_.data() + x, parts_.data() + x};
  if (row_.size() == 2) {
    rows().enlarge(row_.data(), places, n, fx, fz);
  } else {
    rows().enlarge_guided(row_.data(), places, guide, n, fx, fz);
  }
}

}  // namespace colorize
