#include "library.hpp"

#include <jerror.h>

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <new>
#include <string>

#include "deadline.hpp"
#include "error.hpp"

namespace colorize::jpeg {
namespace {

constexpr std::size_t kLeastCapacity = 4096;

void leave_with_message(j_common_ptr info) {
  ErrorManager& error = *reinterpret_cast<ErrorManager*>(info->err);
  error.out_of_memory = error.base.msg_code == JERR_OUT_OF_MEMORY;
  (*error.base.format_message)(info, error.message);
  std::longjmp(error.jump, 1);
}

void refuse_warnings(j_common_ptr info, int level) {
  // Levels of 0 and up are trace messages.
  if (level < 0) leave_with_message(info);
}

void watch_deadline(j_common_ptr info) {
  if (!deadline_passed()) return;
  ErrorManager& error = *reinterpret_cast<ErrorManager*>(info->err);
  error.too_slow = true;
  std::longjmp(error.jump, 1);
}

GrowingDestination& destination_of(j_compress_ptr info) {
  return *reinterpret_cast<GrowingDestination*>(info->dest);
}

void start_writing(j_compress_ptr info) {
  GrowingDestination& destination = destination_of(info);
  destination.base.next_output_byte = destination.bytes;
  destination.base.free_in_buffer = destination.capacity;
}

boolean grow(j_compress_ptr info) {
  // libjpeg's rule: when this is called the whole buffer is full, whatever free_in_buffer says.
  GrowingDestination& destination = destination_of(info);
  const std::size_t full = destination.capacity;
  void* grown = nullptr;
  if (full <= std::numeric_limits<std::size_t>::max() / 2) {
    grown = std::realloc(destination.bytes, full * 2);
  }
  if (grown == nullptr) ERREXIT1(info, JERR_OUT_OF_MEMORY, 0);
  destination.bytes = static_cast<std::uint8_t*>(grown);
  destination.capacity = full * 2;
  destination.base.next_output_byte = destination.bytes + full;
  destination.base.free_in_buffer = full;
  return TRUE;
}

void finish_writing(j_compress_ptr info) {
  GrowingDestination& destination = destination_of(info);
  destination.size = destination.capacity - destination.base.free_in_buffer;
}

}  // namespace

ErrorManager::ErrorManager() {
  jpeg_std_error(&base);
  base.error_exit = leave_with_message;
  base.emit_message = refuse_warnings;
}

void ErrorManager::raise() const {
  if (out_of_memory) throw std::bad_alloc();
  if (too_slow) throw TooSlowError("decoding takes longer than it may");
  throw DamagedJpegError(std::string("damaged JPEG: ") + message);
}

Decompressor::Decompressor(Bytes jpeg) {
  info.err = &error.base;
  try {
    guarded(error, [this, jpeg] {
      jpeg_create_decompress(&info);
      progress.progress_monitor = watch_deadline;
      info.progress = &progress;
      jpeg_mem_src(&info, jpeg.data(), static_cast<unsigned long>(jpeg.size()));
      jpeg_read_header(&info, TRUE);
    });
  } catch (...) {
    jpeg_destroy_decompress(&info);
    throw;
  }
}

// Destroying is safe after a failure in any state, and calls no error handler.
Decompressor::~Decompressor() { jpeg_destroy_decompress(&info); }

GrowingDestination::GrowingDestination(std::size_t first_capacity)
    : capacity(std::max(first_capacity, kLeastCapacity)) {
  bytes = static_cast<std::uint8_t*>(std::malloc(capacity));
  if (bytes == nullptr) throw std::bad_alloc();
  base.init_destination = start_writing;
  base.empty_output_buffer = grow;
  base.term_destination = finish_writing;
}

GrowingDestination::~GrowingDestination() { std::free(bytes); }

Compressor::Compressor(GrowingDestination& destination) {
  info.err = &error.base;
  guarded(error, [this] { jpeg_create_compress(&info); });
  info.dest = &destination.base;
}

Compressor::~Compressor() { jpeg_destroy_compress(&info); }

}  // namespace colorize::jpeg
