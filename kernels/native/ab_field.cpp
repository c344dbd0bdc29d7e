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
    float a = std::isfinite(a_in) ? a_in * saturation : 0.0f;
    float b = std::isfinite(b_in) ? b_in * saturation : 0.0f;
    if (std::fabs(a) + std::fabs(b) > kChromaLimit) {  // else surely within, and no root is needed
      const double far_a = static_cast<double>(std::isfinite(a_in) ? a_in : 0.0f) * saturation;
      const double far_b = static_cast<double>(std::isfinite(b_in) ? b_in : 0.0f) * saturation;
      const double shorten = std::min(1.0, kChromaLimit / std::hypot(far_a, far_b));
      a = static_cast<float>(far_a * shorten);
      b = static_cast<float>(far_b * shorten);
    }
    out[0][i] = a * (1.0f / 500.0f);
    out[1][i] = b * (-1.0f / 200.0f);
  }
  return out;
}

}  // namespace

AbField::AbField(AbPlanes planes, float saturation, const std::vector<float>& small_guide,
                 Size output)
    : small_(planes.size),
      width_(output.width),
      cells_per_row_(static_cast<double>(small_.height) / static_cast<double>(output.height)),
      planes_(offsets(planes, saturation)),
      held_{small_.height, small_.height},
      part_(0.0f),
      cells_(output.width),
      parts_(output.width) {
  if (!small_guide.empty()) planes_ = guided_lines(planes_, small_guide, small_);
  for (std::vector<float>& rows : stretched_) rows.resize(planes_.size() * width_);
  pairs_.resize(planes_.size());
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
  part_ = static_cast<float>(centre - static_cast<double>(above));
  stretch(above);
  stretch(below);
  for (std::size_t p = 0; p < planes_.size(); ++p) {
    pairs_[p] = {stretched_[above % 2].data() + p * width_,
                 stretched_[below % 2].data() + p * width_};
  }
}

void AbField::stretch(std::size_t small_row) {
  const std::size_t slot = small_row % 2;
  if (held_[slot] == small_row) return;
  held_[slot] = small_row;
  const std::size_t n = small_.width;
  for (std::size_t p = 0; p < planes_.size(); ++p) {
    rows().stretch(planes_[p].data() + small_row * n, n, {cells_.data(), parts_.data()}, width_,
                   stretched_[slot].data() + p * width_);
  }
}

void AbField::read(std::size_t x, std::size_t n, const float* guide, float* fx, float* fz) const {
  RowPair pairs[4];
  for (std::size_t p = 0; p < pairs_.size(); ++p) {
    pairs[p] = {pairs_[p].upper + x, pairs_[p].lower + x};
  }
  if (pairs_.size() == 2) {
    rows().between(pairs, part_, n, fx, fz);
  } else {
    rows().between_guided(pairs, part_, guide, n, fx, fz);
  }
}

}  // namespace colorize
