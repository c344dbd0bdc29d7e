// The Python module `_jpeg`: kernels/jpeg.py is its only caller and documents what it does.
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/vector.h>

#include <memory>
#include <utility>

#include "deadline.hpp"
#include "deep_luma.hpp"
#include "error.hpp"
#include "file.hpp"

namespace nb = nanobind;

namespace colorize::jpeg {
namespace {

using PlaneIn = nb::ndarray<const std::uint8_t, nb::ndim<2>, nb::c_contig, nb::device::cpu>;
using PlaneOut = nb::ndarray<nb::numpy, const std::uint8_t, nb::ndim<2>>;
using DeepOut = nb::ndarray<nb::numpy, std::uint16_t, nb::ndim<2>>;
using CoefficientsOut = nb::ndarray<nb::numpy, std::int16_t, nb::ndim<3>>;

constexpr const char* kPythonModule = "colorize_batch.kernels.jpeg";

Bytes view_of(const nb::bytes& bytes) {
  return {static_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

PlaneView view_of(const PlaneIn& plane) {
  return {static_cast<int>(plane.shape(0)), static_cast<int>(plane.shape(1)), plane.data()};
}

nb::bytes bytes_of(Bytes bytes) { return nb::bytes(bytes.data(), bytes.size()); }

// A capsule that owns `object`, for an array over its memory.
template <class T>
nb::capsule owner_of(std::unique_ptr<T> object) {
  return nb::capsule(object.release(), [](void* p) noexcept { delete static_cast<T*>(p); });
}

PlaneOut luma_array(const JpegFile& file, int eighths) {
  std::shared_ptr<const Plane> plane;
  {
    const nb::gil_scoped_release released;
    plane = file.luma(eighths);
  }
  const std::uint8_t* samples = plane->samples.data();
  const auto height = static_cast<std::size_t>(plane->height);
  const auto width = static_cast<std::size_t>(plane->width);
  using Owned = std::shared_ptr<const Plane>;
  return PlaneOut(samples, {height, width}, owner_of(std::make_unique<Owned>(std::move(plane))));
}

nb::bytes colour_jpeg(const JpegFile& file, const PlaneIn& cb, const PlaneIn& cr, int shrink,
                      int quality, const nb::bytes& icc) {
  std::vector<std::uint8_t> jpeg;
  {
    const nb::gil_scoped_release released;
    jpeg = file.with_chroma(view_of(cb), view_of(cr), shrink, quality, view_of(icc));
  }
  return bytes_of(jpeg);
}

CoefficientsOut coefficients_array(const JpegFile& file) {
  auto read = std::make_unique<Coefficients>();
  {
    const nb::gil_scoped_release released;
    *read = file.luma_coefficients();
  }
  std::int16_t* first = read->blocks.front().data();
  const auto rows = static_cast<std::size_t>(read->block_rows);
  const auto columns = static_cast<std::size_t>(read->block_columns);
  return CoefficientsOut(first, {rows, columns, DCTSIZE2}, owner_of(std::move(read)));
}

DeepOut deep_luma_array(const nb::bytes& jpeg) {
  auto plane = std::make_unique<DeepPlane>();
  {
    const Bytes view = view_of(jpeg);
    const nb::gil_scoped_release released;
    *plane = decode_deep_luma(view);
  }
  std::uint16_t* samples = plane->samples.data();
  const auto height = static_cast<std::size_t>(plane->height);
  const auto width = static_cast<std::size_t>(plane->width);
  return DeepOut(samples, {height, width}, owner_of(std::move(plane)));
}

std::vector<std::pair<int, int>> sampling_factors(const JpegFile& file) {
  std::vector<std::pair<int, int>> factors;
  for (const Sampling& s : file.sampling()) factors.emplace_back(s.horizontal, s.vertical);
  return factors;
}

// The exception classes live in Python, where code without this module can name them too.
void raise_in_python(const char* class_name, const std::exception& error) {
  const nb::object python_class = nb::module_::import_(kPythonModule).attr(class_name);
  PyErr_SetString(python_class.ptr(), error.what());
}

void translate(const std::exception_ptr& thrown, void*) {
  try {
    std::rethrow_exception(thrown);
  } catch (const UnsupportedJpegError& error) {
    raise_in_python("UnsupportedJpeg", error);
  } catch (const DamagedJpegError& error) {
    raise_in_python("DamagedJpeg", error);
  } catch (const TooSlowError& error) {
    raise_in_python("TooSlowError", error);
  }
}

}  // namespace

NB_MODULE(_jpeg, module) {
  nb::register_exception_translator(translate);
  module.def("set_deadline", &set_deadline, nb::arg("seconds"));
  module.def("deep_luma", &deep_luma_array, nb::arg("jpeg"));
  nb::class_<JpegFile>(module, "JpegFile")
      .def(
          "__init__",
          [](JpegFile* self, const nb::bytes& jpeg) {
            const Bytes view = view_of(jpeg);
            const nb::gil_scoped_release released;
            new (self) JpegFile(view);
          },
          nb::arg("jpeg"), nb::keep_alive<1, 2>())
      .def_prop_ro("height", &JpegFile::height)
      .def_prop_ro("width", &JpegFile::width)
      .def_prop_ro("orientation", &JpegFile::orientation)
      .def_prop_ro("sampling", &sampling_factors)
      .def_prop_ro("progressive", &JpegFile::progressive)
      .def_prop_ro("quality", &JpegFile::quality)
      .def_prop_ro("luma_quantization",
                   [](const JpegFile& file) {
                     const Quantization& table = file.luma_quantization();
                     return std::vector<int>(table.begin(), table.end());
                   })
      .def_prop_ro("icc", [](const JpegFile& file) { return bytes_of(file.icc()); })
      .def("luma", &luma_array, nb::arg("eighths"))
      .def("luma_coefficients", &coefficients_array)
      .def("with_chroma", &colour_jpeg, nb::arg("cb"), nb::arg("cr"), nb::arg("shrink"),
           nb::arg("quality"), nb::arg("icc"));
}

}  // namespace colorize::jpeg
