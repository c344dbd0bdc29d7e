# The JPEG module of the coefficient path. It is built when libjpeg-turbo's headers are found;
# without it JPEG files take the pixel path.

find_package(JPEG QUIET)

if(JPEG_FOUND)
  include(CheckCXXSourceCompiles)
  set(CMAKE_REQUIRED_LIBRARIES JPEG::JPEG)
  check_cxx_source_compiles("
    #include <cstdio>
    #include <jpeglib.h>
    #ifndef LIBJPEG_TURBO_VERSION
    #error another libjpeg: its scaled inverse DCT and its memory sources differ
    #endif
    int main() { return 0; }" COLORIZE_HAS_LIBJPEG_TURBO)
  unset(CMAKE_REQUIRED_LIBRARIES)
endif()

if(COLORIZE_HAS_LIBJPEG_TURBO)
  nanobind_add_module(_jpeg STABLE_ABI NB_STATIC NOMINSIZE
    kernels/native/jpeg/module.cpp
    kernels/native/jpeg/file.cpp
    kernels/native/jpeg/chroma.cpp
    kernels/native/jpeg/coarse_chroma.cpp
    kernels/native/jpeg/coded_scan.cpp
    kernels/native/jpeg/deadline.cpp
    kernels/native/jpeg/deep_luma.cpp
    kernels/native/jpeg/entropy.cpp
    kernels/native/jpeg/gray.cpp
    kernels/native/jpeg/huffman_lookup.cpp
    kernels/native/jpeg/interleaved.cpp
    kernels/native/jpeg/luma.cpp
    kernels/native/jpeg/luma_scan.cpp
    kernels/native/jpeg/metadata.cpp
    kernels/native/jpeg/quantization.cpp
    kernels/native/jpeg/segments.cpp
    kernels/native/jpeg/sequential_scan.cpp
    kernels/native/jpeg/library.cpp)
  target_compile_features(_jpeg PRIVATE cxx_std_20)
  target_link_libraries(_jpeg PRIVATE JPEG::JPEG)
  # A libjpeg that is linked statically stays private: libvips brings another one into the process.
  include(CheckLinkerFlag)
  check_linker_flag(CXX LINKER:--exclude-libs,ALL COLORIZE_HAS_EXCLUDE_LIBS)
  if(COLORIZE_HAS_EXCLUDE_LIBS)
    target_link_options(_jpeg PRIVATE LINKER:--exclude-libs,ALL)
  endif()
  install(TARGETS _jpeg LIBRARY DESTINATION colorize_batch/kernels)
elseif(DEFINED ENV{COLORIZE_REQUIRE_JPEG})
  message(FATAL_ERROR "COLORIZE_REQUIRE_JPEG is set, and libjpeg-turbo was not found")
else()
  message(STATUS "libjpeg-turbo headers not found: JPEG files will take the pixel path")
endif()
