#include "recolor.hpp"

#include <algorithm>
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

void chroma_planes(const Picture<std::uint8_t>& luma, const Coloring& coloring,
                   std::uint8_t* cb_cr) {
  const bool guided = coloring.upsample == Upsample::guided;
  const std::size_t plane = luma.size.height * luma.size.width;
  AbField field = field_of(luma, coloring);
  float guide[kRun], fx[kRun], fz[kRun];
  for_each_run(luma.size, field, [&](std::size_t y, std::size_t x, std::size_t n) {
    const std::uint8_t* in = luma.at(y, x);
    if (guided) rows().u8.luma_of_gray(in, n, guide);
    field.read(x, n, guide, fx, fz);
    std::uint8_t* cb = cb_cr + y * luma.size.width + x;
    rows().chroma(in, fx, fz, n, cb, cb + plane);
  });
}

template void l_plane(const Picture<std::uint8_t>&, Size, float*);
template void l_plane(const Picture<std::uint16_t>&, Size, float*);
template void merge_ab(const Picture<std::uint8_t>&, const Coloring&, std::uint8_t*);
template void merge_ab(const Picture<std::uint16_t>&, const Coloring&, std::uint16_t*);

}  // namespace colorize
