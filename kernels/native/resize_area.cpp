#include "resize_area.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace colorize {
namespace {

// The inputs that one output is the weighted sum of: `count` neighbours from `first` on. All
// between the two ends weigh the same, so that a window of any length is three numbers.
struct Window {
  std::size_t first;
  std::size_t count;
  float first_weight;
  float inner_weight;
  float last_weight;

  float weight(std::size_t k) const {
    if (k == 0) return first_weight;
    return k + 1 == count ? last_weight : inner_weight;
  }
};

std::vector<Window> windows(std::size_t size_in, std::size_t size_out) {
  std::vector<Window> all(size_out);
  const double ratio = static_cast<double>(size_in) / static_cast<double>(size_out);
  for (std::size_t i = 0; i < size_out; ++i) {
    if (size_out > size_in) {
      const double top = static_cast<double>(size_in - 1);
      const double centre = std::clamp((static_cast<double>(i) + 0.5) * ratio - 0.5, 0.0, top);
      const auto first = static_cast<std::size_t>(centre);
      const auto part = static_cast<float>(centre - static_cast<double>(first));
      all[i] = {first, part > 0.0f ? 2u : 1u, 1.0f - part, 0.0f, part};
      continue;
    }
    // Cell edges are i * size_in / size_out: in integers, so that no sliver of a cell is left.
    const std::size_t low = i * size_in, high = low + size_in;
    const std::size_t first = low / size_out, last = (high - 1) / size_out;
    const double scale = 1.0 / static_cast<double>(size_in);
    const auto inner = static_cast<float>(static_cast<double>(size_out) * scale);
    if (first == last) {
      all[i] = {first, 1, 1.0f, inner, 0.0f};
      continue;
    }
    all[i] = {first, last - first + 1,
              static_cast<float>(static_cast<double>((first + 1) * size_out - low) * scale), inner,
              static_cast<float>(static_cast<double>(high - last * size_out) * scale)};
  }
  return all;
}

}  // namespace

template <class T>
std::vector<float> resize_area(const Picture<T>& source, Size size) {
  const auto channels = static_cast<std::size_t>(source.channels);
  const std::size_t row_values = source.size.width * channels;
  const auto down = windows(source.size.height, size.height);
  const auto across = windows(source.size.width, size.width);
  const auto accumulate = pixel_rows<T>().accumulate;
  constexpr float scale = 1.0f / static_cast<float>(std::numeric_limits<T>::max());

  std::vector<float> out(size.height * size.width * channels);
  std::vector<float> sums(row_values);
  float* pixel = out.data();
  for (const Window& rows : down) {
    std::fill(sums.begin(), sums.end(), 0.0f);
    for (std::size_t k = 0; k < rows.count; ++k) {
      accumulate(source.row(rows.first + k), rows.weight(k) * scale, row_values, sums.data());
    }
    for (const Window& columns : across) {
      const float* in = sums.data() + columns.first * channels;
      for (std::size_t c = 0; c < channels; ++c) {
        float inner = 0.0f;
        for (std::size_t k = 1; k + 1 < columns.count; ++k) inner += in[k * channels + c];
        const float last = in[(columns.count - 1) * channels + c];
        *pixel++ = in[c] * columns.first_weight + inner * columns.inner_weight +
                   (columns.count > 1 ? last * columns.last_weight : 0.0f);
      }
    }
  }
  return out;
}

template std::vector<float> resize_area(const Picture<std::uint8_t>&, Size);
template std::vector<float> resize_area(const Picture<std::uint16_t>&, Size);

}  // namespace colorize
