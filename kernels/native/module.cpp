// The Python module `_native`: checks what it is given, lets go of the GIL, calls the kernels.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <cstring>
#include <string>

#include "global_smooth.hpp"
#include "recolor.hpp"
#include "rows.hpp"

namespace nb = nanobind;
using namespace nb::literals;

namespace {

using colorize::AbPlanes;
using colorize::ChromaCode;
using colorize::ChromaPlane;
using colorize::Coloring;
using colorize::Picture;
using colorize::Size;
using colorize::Upsample;

using Source = nb::ndarray<nb::ro, nb::device::cpu>;
using Out = nb::ndarray<nb::device::cpu>;
using AbArray = nb::ndarray<const float, nb::shape<2, -1, -1>, nb::c_contig, nb::device::cpu>;

void require(bool met, const char* message) {
  if (!met) throw nb::value_error(message);
}

// A picture over the array's memory; pixels must be packed within a row.
template <class T>
Picture<T> picture_of(const Source& source, int least_channels = 1) {
  const bool gray = source.ndim() == 2;
  require(gray || (source.ndim() == 3 && source.shape(2) == 3),
          "expected a picture of shape (H, W) or (H, W, 3)");
  require(!gray || least_channels == 1, "expected a picture of shape (H, W, 3)");
  require(source.shape(0) > 0 && source.shape(1) > 0, "expected a picture with pixels");
  require(source.stride(1) == (gray ? 1 : 3) && (gray || source.stride(2) == 1),
          "expected pixels packed within each row; pass numpy.ascontiguousarray(picture)");
  return {static_cast<const T*>(source.data()),
          {source.shape(0), source.shape(1)},
          gray ? 1 : 3,
          source.stride(0)};
}

template <class T>
T* out_of(const Out& out, std::initializer_list<std::size_t> shape) {
  bool fits = out.dtype() == nb::dtype<T>() && out.ndim() == shape.size();
  std::int64_t stride = 1;
  for (std::size_t i = shape.size(); fits && i-- > 0;) {
    fits = out.shape(i) == shape.begin()[i] && out.stride(i) == stride;
    stride *= static_cast<std::int64_t>(out.shape(i));
  }
  require(fits, "expected `out` to be C-contiguous, of the shape and type of the result");
  return static_cast<T*>(out.data());
}

Coloring coloring_of(const AbArray& ab, float saturation, bool guided) {
  require(ab.shape(1) > 0 && ab.shape(2) > 0, "expected ab planes with values");
  require(saturation >= 0.0f && saturation <= 1e6f, "expected a saturation of 0..1e6");
  return {{ab.data(), {ab.shape(1), ab.shape(2)}},
          saturation,
          guided ? Upsample::guided : Upsample::bilinear};
}

// Calls `body` with a zero of the source's pixel type.
template <class Body>
auto by_depth(const Source& source, const Body& body) {
  if (source.dtype() == nb::dtype<std::uint8_t>()) return body(std::uint8_t{});
  require(source.dtype() == nb::dtype<std::uint16_t>(), "expected uint8 or uint16 pixels");
  return body(std::uint16_t{});
}

void l_plane(const Source& source, const Out& out) {
  require(out.ndim() == 2 && out.shape(0) > 0 && out.shape(1) > 0,
          "expected `out` of shape (height, width)");
  const Size size{out.shape(0), out.shape(1)};
  float* l = out_of<float>(out, {size.height, size.width});
  by_depth(source, [&]<class T>(T) {
    const Picture<T> picture = picture_of<T>(source);
    const nb::gil_scoped_release no_gil;
    colorize::l_plane(picture, size, l);
  });
}

void merge_ab(const Source& source, const AbArray& ab, float saturation, bool guided,
              const Out& out) {
  const Coloring coloring = coloring_of(ab, saturation, guided);
  by_depth(source, [&]<class T>(T) {
    const Picture<T> picture = picture_of<T>(source);
    T* rgb = out_of<T>(out, {picture.size.height, picture.size.width, 3});
    const nb::gil_scoped_release no_gil;
    colorize::merge_ab(picture, coloring, rgb);
  });
}

void chroma_planes(const Source& luma, const AbArray& ab, float saturation, bool guided,
                   const Out& out) {
  const Coloring coloring = coloring_of(ab, saturation, guided);
  require(luma.dtype() == nb::dtype<std::uint8_t>() && luma.ndim() == 2,
          "expected luma of shape (H, W), uint8");
  const Picture<std::uint8_t> picture = picture_of<std::uint8_t>(luma);
  const auto [height, width] = picture.size;
  auto* cb = out_of<std::uint8_t>(out, {2, height, width});
  const auto stride = static_cast<std::ptrdiff_t>(width);
  const nb::gil_scoped_release no_gil;
  colorize::chroma_planes<std::uint8_t>(picture, colorize::rows().jfif, coloring, {cb, stride},
                                        {cb + height * width, stride});
}

using CodeArray = nb::ndarray<const float, nb::shape<15>, nb::c_contig, nb::device::cpu>;

// The members of a ChromaCode in their order.
ChromaCode code_of(const CodeArray& members) {
  ChromaCode code;
  static_assert(sizeof(code) == 15 * sizeof(float));
  std::memcpy(&code, members.data(), sizeof(code));
  return code;
}

template <class T>
ChromaPlane<T> plane_of(const Out& out, Size size) {
  require(out.dtype() == nb::dtype<T>() && out.ndim() == 2 && out.shape(0) == size.height &&
              out.shape(1) == size.width && out.stride(1) == 1,
          "expected planes of the shape and type of luma, their pixels packed within each row");
  return {static_cast<T*>(out.data()), out.stride(0)};
}

void film_chroma(const Source& luma, const AbArray& ab, float saturation, bool guided,
                 const CodeArray& members, const Out& cb, const Out& cr) {
  const Coloring coloring = coloring_of(ab, saturation, guided);
  const ChromaCode code = code_of(members);
  require(luma.ndim() == 2, "expected luma of shape (H, W)");
  by_depth(luma, [&]<class T>(T) {
    const Picture<T> picture = picture_of<T>(luma);
    const auto cb_plane = plane_of<T>(cb, picture.size), cr_plane = plane_of<T>(cr, picture.size);
    const nb::gil_scoped_release no_gil;
    colorize::chroma_planes<T>(picture, code, coloring, cb_plane, cr_plane);
  });
}

using PlanesArray = nb::ndarray<float, nb::shape<-1, -1, -1>, nb::c_contig, nb::device::cpu>;
using GuideArray = nb::ndarray<const float, nb::shape<-1, -1, -1>, nb::c_contig, nb::device::cpu>;

void smooth_globally(const PlanesArray& planes, const GuideArray& guide, double strength) {
  require(guide.shape(1) == planes.shape(1) && guide.shape(2) == planes.shape(2),
          "expected a guide of the planes' height and width");
  require(planes.shape(1) > 0 && planes.shape(2) > 0, "expected planes with values");
  require(strength >= 0.0 && strength <= 1e6, "expected a strength of 0..1e6");
  const nb::gil_scoped_release no_gil;
  colorize::smooth_globally(planes.data(), planes.shape(0), guide.data(), guide.shape(0),
                            {planes.shape(1), planes.shape(2)}, strength);
}

}  // namespace

NB_MODULE(_native, module) {
  module.attr("INSTRUCTION_SET") = colorize::rows().instruction_set;
  module.attr("HAS_INT8_DOT_PRODUCT") = colorize::has_int8_dot_product();
  module.def("l_plane", &l_plane, "source"_a, "out"_a);
  module.def("merge_ab", &merge_ab, "source"_a, "ab_planes"_a, "saturation"_a, "guided"_a, "out"_a);
  module.def("chroma_planes", &chroma_planes, "luma_u8"_a, "ab_planes"_a, "saturation"_a,
             "guided"_a, "out"_a);
  module.def("film_chroma", &film_chroma, "luma"_a, "ab_planes"_a, "saturation"_a, "guided"_a,
             "code"_a, "cb"_a, "cr"_a);
  module.def("smooth_globally", &smooth_globally, "planes"_a, "guide"_a, "strength"_a);
}
