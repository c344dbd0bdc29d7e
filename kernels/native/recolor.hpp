// The operations on whole pictures; kernels/reference/recolor.py defines each of them.
#pragma once

#include "ab_field.hpp"
#include "picture.hpp"

namespace colorize {

enum class Upsample { bilinear, guided };

// What a model said of a picture, and how to apply it.
struct Coloring {
  AbPlanes ab;
  float saturation;
  Upsample upsample;
};

// L* of `source` averaged to `size`, into `l` (size.height, size.width).
template <class T>
void l_plane(const Picture<T>& source, Size size, float* l);

// `source` in colour, into `rgb` (H, W, 3).
template <class T>
void merge_ab(const Picture<T>& source, const Coloring& coloring, T* rgb);

// Cb and Cr for the gray picture `luma`, into `cb_cr` (2, H, W).
void chroma_planes(const Picture<std::uint8_t>& luma, const Coloring& coloring,
                   std::uint8_t* cb_cr);

}  // namespace colorize
