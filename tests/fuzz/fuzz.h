// What every fuzz target is made of: one function that reads hostile bytes, and says when a reader
// lied about them.
//
// A target is run in two ways: by libFuzzer (scripts/fuzz), guided by coverage, and without clang
// by smoke.cc, which mutates the corpus from a fixed seed as part of the ordinary tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "formats/base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace litetool {

inline Bytes fuzz_bytes(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}

// Ends the run when something that must hold for any input does not.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "fuzz: does not hold: %s\n", what);
  std::abort();
}

}  // namespace litetool
