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

// Rows of chroma to write to; they may lie apart.
template <class T>
struct ChromaPlane {
  T* codes;
  std::ptrdiff_t row_stride;  // in T
};

// Cb and Cr for the luma plane `luma` of the same size.
template <class T>
void chroma_planes(const Picture<T>& luma, const ChromaCode& code, const Coloring& coloring,
                   ChromaPlane<T> cb, ChromaPlane<T> cr);

}  // namespace colorize
