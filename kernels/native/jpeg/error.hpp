// The failures of the JPEG module, one C++ class for each Python class of kernels/jpeg.py.
#pragma once

#include <stdexcept>

namespace colorize::jpeg {

// A sound JPEG of a kind the coefficient path does not serve (CMYK, 12 bit, arithmetic, ...).
class UnsupportedJpegError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// The bytes break the format, end early or would make a decoder guess.
class DamagedJpegError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Decoding takes longer than the deadline of its thread allows.
class TooSlowError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace colorize::jpeg
