#include "quantization.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace colorize::jpeg {

int quality_of(const Quantization& luma) {
  GrowingDestination unused(0);
  Compressor scaler(unused);
  int best_quality = 1;
  guarded(scaler.error, [&] {
    int least_difference = std::numeric_limits<int>::max();
    for (int quality = 1; quality <= 100; ++quality) {
      jpeg_set_quality(&scaler.info, quality, TRUE);
      int difference = 0;
      for (std::size_t i = 0; i < luma.size(); ++i) {
        difference += std::abs(luma[i] - scaler.info.quant_tbl_ptrs[0]->quantval[i]);
      }
      if (difference < least_difference) {
        least_difference = difference;
        best_quality = quality;
      }
    }
  });
  return best_quality;
}

Quantization quantization_of(const JQUANT_TBL& table) {
  Quantization divisors;
  std::copy_n(table.quantval, divisors.size(), divisors.begin());
  return divisors;
}

}  // namespace colorize::jpeg
