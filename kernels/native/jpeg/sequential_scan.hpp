// The one scan of a gray sequential JPEG, with the codes that it is written in.
#pragma once

#include <optional>

#include "entropy.hpp"
#include "segments.hpp"

namespace colorize::jpeg {

struct SequentialScan {
  Bytes entropy;
  HuffmanCode dc;
  HuffmanCode ac;
  int restart_interval;  // in blocks; 0 is none
};

// Nothing when `gray` has several scans, when its tables are not in the file, or when they lack the
// end of a block, which interleaved scans need. Throws DamagedJpegError when a table is broken or
// the file has no end.
std::optional<SequentialScan> sequential_scan(const Segments& gray);

}  // namespace colorize::jpeg
