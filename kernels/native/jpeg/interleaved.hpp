// Luma and chroma scans of a sequential JPEG as one scan of all three components.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "coded_scan.hpp"
#include "luma_scan.hpp"

namespace colorize::jpeg {

// How the blocks of a picture lie in its scan.
struct InterleavedLayout {
  int height;  // of the picture, in pixels
  int width;
  int density;           // luma is sampled so many times as densely as chroma, both ways; 1 or 2
  int restart_interval;  // in MCUs; 0 is none
};

// The Huffman codes of an interleaved scan.
struct InterleavedCodes {
  const HuffmanCode& luma_dc;  // that of AC coefficients is the luma scan's own: words are copied
  const HuffmanCode& chroma_dc;
  const HuffmanCode& chroma_ac;
};

// The entropy-coded data of a scan of MCUs (T.81, A.2.3): `density` squared blocks of `luma`, one
// of Cb and one of Cr, which come from `chroma` by turns. AC words are copied as they are; DC
// differences are taken anew, as the blocks come in another order. Blocks that fill the last MCU of
// a row or column repeat a DC coefficient and have no other.
// Throws DamagedJpegError when a scan ends early.
std::vector<std::uint8_t> interleaved(const LumaScan& luma, std::array<CodedScan*, 2> chroma,
                                      const InterleavedLayout& layout,
                                      const InterleavedCodes& codes);

}  // namespace colorize::jpeg
