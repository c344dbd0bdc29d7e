// What an x86-64 processor can run, and its operating system keeps across threads: one way for
// every compiler, as __builtin_cpu_supports is GCC's and Clang's alone.
#pragma once

#if defined(__x86_64__) || defined(_M_X64)
#define COLORIZE_ON_X86_64 1

#include <array>
#include <cstdint>

#if defined(_MSC_VER)
#include <intrin.h>
#else
#include <cpuid.h>
#endif

namespace colorize {

// Bits of leaves 1 and 7 of CPUID, and of XCR0: Intel's Software Developer's Manual, volume 2A
// (CPUID) and volume 1, 13.3.
class X86Features {
 public:
  X86Features() {
    const Registers basic = cpuid(1, 0);
    const bool keeps_extended_state = bit(basic[kEcx], 27);
    const std::uint64_t state = keeps_extended_state ? xcr0() : 0;
    const bool keeps_ymm = (state & 0x06) == 0x06;
    const bool keeps_zmm = (state & 0xe6) == 0xe6;
    const Registers extended = cpuid(7, 0);
    const std::uint32_t ebx = extended[kEbx];
    has_v3 = keeps_ymm && bit(basic[kEcx], 12) && bit(ebx, 5) && bit(ebx, 8);
    has_v4 =
        keeps_zmm && bit(ebx, 16) && bit(ebx, 17) && bit(ebx, 28) && bit(ebx, 30) && bit(ebx, 31);
    const bool avx_vnni = extended[kEax] >= 1 && bit(cpuid(7, 1)[kEax], 4);
    has_vnni = (keeps_ymm && avx_vnni) || (keeps_zmm && bit(extended[kEcx], 11));
  }

  bool has_v3 = false;    // AVX2, FMA and BMI2
  bool has_v4 = false;    // AVX-512 F, BW, CD, DQ and VL
  bool has_vnni = false;  // AVX-VNNI or AVX-512 VNNI

 private:
  using Registers = std::array<std::uint32_t, 4>;
  enum { kEax, kEbx, kEcx, kEdx };

  static bool bit(std::uint32_t word, int number) { return ((word >> number) & 1U) != 0; }

  // All zero for a leaf that the processor does not have.
  static Registers cpuid(unsigned leaf, unsigned subleaf) {
    Registers out{};
#if defined(_MSC_VER)
    int words[4];
    __cpuid(words, 0);
    if (static_cast<unsigned>(words[0]) < leaf) return out;
    __cpuidex(words, static_cast<int>(leaf), static_cast<int>(subleaf));
    for (int i = 0; i < 4; ++i) out[i] = static_cast<std::uint32_t>(words[i]);
#else
    __get_cpuid_count(leaf, subleaf, &out[kEax], &out[kEbx], &out[kEcx], &out[kEdx]);
#endif
    return out;
  }

  static std::uint64_t xcr0() {
#if defined(_MSC_VER)
    return _xgetbv(0);
#else
    std::uint32_t low = 0;
    std::uint32_t high = 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (std::uint64_t{high} << 32) | low;
#endif
  }
};

}  // namespace colorize
#endif
