// Which copy of the row kernels this processor gets.
#include <cstdlib>
#include <cstring>

#if defined(__aarch64__) && defined(__linux__)
#include <asm/hwcap.h>
#include <sys/auxv.h>
#endif

#include "rows.hpp"
#include "x86_features.hpp"

namespace colorize {

namespace portable {
extern const Rows kRows;
}
namespace x86_64_v3 {
extern const Rows kRows;
}
namespace x86_64_v4 {
extern const Rows kRows;
}

namespace {

// COLORIZE_INSTRUCTION_SET names one copy to allow besides the portable one, for tests and for
// comparing; without it every copy is allowed.
[[maybe_unused]] bool allowed(const char* instruction_set) {
  const char* only = std::getenv("COLORIZE_INSTRUCTION_SET");
  return only == nullptr || std::strcmp(only, instruction_set) == 0;
}

const Rows& chosen() {
#ifdef COLORIZE_ON_X86_64
  [[maybe_unused]] const X86Features processor;
#endif
#ifdef COLORIZE_X86_64_V4
  if (allowed("x86_64_v4") && processor.has_v4) return x86_64_v4::kRows;
#endif
#ifdef COLORIZE_X86_64_V3
  if (allowed("x86_64_v3") && processor.has_v3) return x86_64_v3::kRows;
#endif
  return portable::kRows;
}

}  // namespace

bool has_int8_dot_product() {
#if defined(COLORIZE_ON_X86_64)
  return X86Features().has_vnni;
#elif defined(__aarch64__) && defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_ASIMDDP) != 0;
#elif defined(__aarch64__) && defined(__APPLE__)
  return true;  // every Apple silicon has it
#else
  return false;
#endif
}

const Rows& rows() {
  static const Rows& once = chosen();
  return once;
}

}  // namespace colorize
