// Runs the tests that mount; exit code 77 ("skipped") where that is impossible.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>
#include <cstdio>

#include "mount/mounted.h"

int main(int argc, char** argv) {
  const std::string reason = litetool::test::why_mounts_are_impossible();
  if (!reason.empty()) {
    std::printf("SKIP mount_test: %s\n", reason.c_str());
    constexpr int kSkipped = 77;
    return kSkipped;
  }
  // Not the number of failures, which could be 77 too.
  return Catch::Session().run(argc, argv) == 0 ? 0 : 1;
}
