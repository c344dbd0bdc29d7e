// libjpeg behind C++: its longjmp errors become exceptions, its structs get owners.
#pragma once

// clang-format off
#include <cstdio>  // jpeglib.h uses FILE and size_t without including them
#include <jpeglib.h>
// clang-format on

#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <span>

namespace colorize::jpeg {

using Bytes = std::span<const std::uint8_t>;

// What libjpeg calls through `jpeg_common_struct::err`. `base` is first: libjpeg hands back a
// pointer to it and the handlers cast that to the whole.
struct ErrorManager {
  jpeg_error_mgr base{};
  std::jmp_buf jump{};
  char message[JMSG_LENGTH_MAX]{};
  bool out_of_memory = false;
  bool too_slow = false;

  // The first libjpeg warning (corrupt or missing data) is an error here: what a decoder would
  // guess must not be written out again as if it were the picture.
  ErrorManager();

  // Throws std::bad_alloc, TooSlowError or DamagedJpegError.
  [[noreturn]] void raise() const;
};

// Runs libjpeg calls and throws what they failed with.
//
// A longjmp passes over C++ frames without running destructors, so `calls` must be made of
// libjpeg calls and trivial locals only.
// Kept out of line: the frame that setjmp returns to must not hold a caller's locals in registers.
template <class Calls>
#if defined(__GNUC__)
__attribute__((noinline))
#elif defined(_MSC_VER)
__declspec(noinline)
#endif
void guarded(ErrorManager& error, const Calls& calls) {
  if (setjmp(error.jump) != 0) error.raise();
  calls();
}

// Owns a reader of `jpeg`, past the header (as far as the first scan). `jpeg` must outlive it. It
// stops at the deadline of the thread that uses it, between two rows of a scan.
struct Decompressor {
  ErrorManager error;
  jpeg_progress_mgr progress{};
  jpeg_decompress_struct info{};

  explicit Decompressor(Bytes jpeg);
  ~Decompressor();
  Decompressor(const Decompressor&) = delete;
  Decompressor& operator=(const Decompressor&) = delete;
};

// A libjpeg destination that grows by doubling and owns its bytes also when writing fails
// (jpeg_mem_dest leaks the grown buffer then).
struct GrowingDestination {
  jpeg_destination_mgr base{};
  std::uint8_t* bytes = nullptr;
  std::size_t capacity = 0;
  std::size_t size = 0;

  // Throws std::bad_alloc.
  explicit GrowingDestination(std::size_t first_capacity);
  ~GrowingDestination();
  GrowingDestination(const GrowingDestination&) = delete;
  GrowingDestination& operator=(const GrowingDestination&) = delete;

  Bytes written() const { return {bytes, size}; }
};

// Owns a writer into `destination`, which must outlive it.
struct Compressor {
  ErrorManager error;
  jpeg_compress_struct info{};

  explicit Compressor(GrowingDestination& destination);
  ~Compressor();
  Compressor(const Compressor&) = delete;
  Compressor& operator=(const Compressor&) = delete;
};

}  // namespace colorize::jpeg
