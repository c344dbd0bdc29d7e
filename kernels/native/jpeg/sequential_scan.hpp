// The one scan of a gray sequential JPEG, with the codes that it is written in.
#pragma once

#include <functional>
#include <optional>

#include "entropy.hpp"
#include "segments.hpp"

namespace colorize::jpeg {

// Calls `take(class, number, code)` for each table of a DHT segment (T.81, B.2.4.2); class 0 is DC.
// Throws DamagedJpegError when one is broken.
void for_each_huffman_table(
    Bytes payload, const std::function<void(std::size_t, std::size_t, HuffmanCode)>& take);

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
