#include "guided_lines.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace colorize {
namespace {

using Plane = std::vector<float>;

constexpr std::size_t kRadius = 1;  // cells on each side of a window's centre
constexpr float kEpsilon = 1e-2f;   // variance of luma (0..1) that is texture, not an edge

// Mean of `n` values, `stride` apart, over the window about each, cut at the ends.
void window_mean(const float* in, std::size_t n, std::size_t stride, float* out) {
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t low = i > kRadius ? i - kRadius : 0;
    const std::size_t high = std::min(i + kRadius, n - 1);
    float sum = 0.0f;
    for (std::size_t k = low; k <= high; ++k) sum += in[k * stride];
    out[i * stride] = sum / static_cast<float>(high - low + 1);
  }
}

Plane window_mean(const Plane& in, Size size) {
  Plane half(in.size()), out(in.size());
  for (std::size_t y = 0; y < size.height; ++y) {
    window_mean(in.data() + y * size.width, size.width, 1, half.data() + y * size.width);
  }
  for (std::size_t x = 0; x < size.width; ++x) {
    window_mean(half.data() + x, size.height, size.width, out.data() + x);
  }
  return out;
}

Plane product(const Plane& a, const Plane& b) {
  Plane out(a.size());
  std::transform(a.begin(), a.end(), b.begin(), out.begin(), std::multiplies<>());
  return out;
}

}  // namespace

std::vector<Plane> guided_lines(const std::vector<Plane>& planes, const Plane& guide, Size size) {
  const Plane guide_mean = window_mean(guide, size);
  const Plane square_mean = window_mean(product(guide, guide), size);
  std::vector<Plane> slopes, intercepts;
  for (const Plane& plane : planes) {
    const Plane mean = window_mean(plane, size);
    Plane slope = window_mean(product(guide, plane), size);
    for (std::size_t i = 0; i < slope.size(); ++i) {
      const float covariance = slope[i] - guide_mean[i] * mean[i];
      const float variance = square_mean[i] - guide_mean[i] * guide_mean[i];
      slope[i] = covariance / (variance + kEpsilon);
    }
    slope = window_mean(slope, size);
    Plane intercept(slope.size());
    for (std::size_t i = 0; i < slope.size(); ++i) intercept[i] = plane[i] - slope[i] * guide[i];
    slopes.push_back(std::move(slope));
    intercepts.push_back(std::move(intercept));
  }
  slopes.insert(slopes.end(), intercepts.begin(), intercepts.end());
  return slopes;
}

}  // namespace colorize
