#include "deadline.hpp"

#include <chrono>

#include "error.hpp"

namespace colorize::jpeg {
namespace {

using Clock = std::chrono::steady_clock;

thread_local Clock::time_point deadline = Clock::time_point::max();

}  // namespace

void set_deadline(double seconds) {
  const auto from_now = std::chrono::duration<double>(seconds);
  deadline = seconds > 0 ? Clock::now() + std::chrono::duration_cast<Clock::duration>(from_now)
                         : Clock::time_point::max();
}

bool deadline_passed() noexcept {
  return deadline != Clock::time_point::max() && Clock::now() >= deadline;
}

void check_deadline() {
  if (deadline_passed()) throw TooSlowError("decoding takes longer than it may");
}

}  // namespace colorize::jpeg
