#include "recolor.hpp"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "resize_area.hpp"

namespace colorize {
namespace {

template <class T>
AbField field_of(const Picture<T>& source, const Coloring& coloring) {
  std::vector<float> guide;
  if (coloring.upsample == Upsample::guided) {
    guide = resize_area(source, coloring.ab.size);
    if (source.channels == 3) {
      const std::vector<float> rgb = std::move(guide);
      guide.assign(rgb.size() / 3, 0.0f);
      rows().luma_of_coded(rgb.data(), guide.size(), guide.data());
    }
  }
  return AbField(coloring.ab, coloring.saturation, guide, source.size);
}

// Calls `visit(y, x, n)` for every run of a picture, row by row.
template <class Field, class Visit>
void for_each_run(Size size, Field& field, const Visit& visit) {
  for (std::size_t y = 0; y < size.height; ++y) {
    field.move_to_row(y);
    for (std::size_t x = 0; x < size.width; x += kRun) {
      visit(y, x, std::min(kRun, size.width - x));
    }
  }
}

}  // namespace

template <class T>
void l_plane(const Picture<T>& source, Size size, float* l) {
  const std::vector<float> coded = resize_area(source, size);
  rows().l_of_coded(coded.data(), source.channels, size.height * size.width, l);
}

template <class T>
void merge_ab(const Picture<T>& source, const Coloring& coloring, T* rgb) {
  const PixelRows<T>& pixels = pixel_rows<T>();
  const bool gray = source.channels == 1;
  const auto f_of = gray ? pixels.f_of_gray : pixels.f_of_rgb;
  const auto luma_of = gray ? pixels.luma_of_gray : pixels.luma_of_rgb;
  const bool guided = coloring.upsample == Upsample::guided;
  AbField field = field_of(source, coloring);
  float f[kRun], guide[kRun], fx[kRun], fz[kRun];
  for_each_run(source.size, field, [&](std::size_t y, std::size_t x, std::size_t n) {
    const T* in = source.at(y, x);
    f_of(in, n, f);
    if (guided) luma_of(in, n, guide);
    field.read(x, n, guide, fx, fz);
    pixels.recolor(f, fx, fz, n, rgb + 3 * (y * source.size.width + x));
  });
}

template <class T>
void chroma_planes(const Picture<T>& luma, const ChromaCode& code, const Coloring& coloring,
                   ChromaPlane<T> cb, ChromaPlane<T> cr) {
  const PixelRows<T>& pixels = pixel_rows<T>();
  std::vector<float> guide;
  if (coloring.upsample == Upsample::guided) {
    guide = resize_area(luma, coloring.ab.size);
    const auto whole = static_cast<float>(std::numeric_limits<T>::max());
    for (float& value : guide) {
      value = std::clamp((whole * value - code.luma_low) * code.luma_scale, 0.0f, 1.0f);
    }
  }
  AbField field(coloring.ab, coloring.saturation, guide, luma.size);
  float target[kRun], fx[kRun], fz[kRun];
  for_each_run(luma.size, field, [&](std::size_t y, std::size_t x, std::size_t n) {
    pixels.luma_of_code(code, luma.at(y, x), n, target);
    field.read(x, n, target, fx, fz);
    const auto row = static_cast<std::ptrdiff_t>(y);
    pixels.chroma(code, target, fx, fz, n, cb.codes + row * cb.row_stride + x,
                  cr.codes + row * cr.row_stride + x);
  });
}

template void l_plane(const Picture<std::uint8_t>&, Size, float*);
template void l_plane(const Picture<std::uint16_t>&, Size, float*);
template void merge_ab(const Picture<std::uint8_t>&, const Coloring&, std::uint8_t*);
template void merge_ab(const Picture<std::uint16_t>&, const Coloring&, std::uint16_t*);
template void chroma_planes(const Picture<std::uint8_t>&, const ChromaCode&, const Coloring&,
                            ChromaPlane<std::uint8_t>, ChromaPlane<std::uint8_t>);
template void chroma_planes(const Picture<std::uint16_t>&, const ChromaCode&, const Coloring&,
                            ChromaPlane<std::uint16_t>, ChromaPlane<std::uint16_t>);

}  // namespace colorize
