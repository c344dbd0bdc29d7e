// The failures of the JPEG module, one C++ class for each Python class of kernels/jpeg.py.
#pragma once

#include <stdexcept>

namespace colorize::jpeg {

// Anything that keeps this module from doing what it was asked; the message is one line.
class JpegError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A sound JPEG of a kind the coefficient path does not serve (CMYK, 12 bit, arithmetic, ...).
class UnsupportedJpegError : public JpegError {
 public:
  using JpegError::JpegError;
};

// The bytes break the format, end early or would make a decoder guess.
class DamagedJpegError : public JpegError {
 public:
  using JpegError::JpegError;
};

// More pixels than the caller allows; found before anything of that size is allocated.
class JpegTooLargeError : public JpegError {
 public:
  using JpegError::JpegError;
};

}  // namespace colorize::jpeg
