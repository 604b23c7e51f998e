// The same calls in a mount and in a plain directory have the same results, for root and for
// others.
#include <catch2/catch.hpp>

#include "mount/posix_compare.h"

namespace litetool::test {
namespace {

const Caller kRoot{0, {0, 1001}};
const Caller kOther{1002, {1002, 1001}};
const Caller kWithoutGroups{1002, {}};

TEST_CASE("names behave as in a plain directory") {
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  compare(name_scenarios(), GENERATE(kRoot, kOther), tier);
}

TEST_CASE("files behave as in a plain directory") {
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  compare(file_scenarios(), GENERATE(kRoot, kOther), tier);
}

TEST_CASE("other users have the rights that they have in a plain directory") {
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  compare(rights_scenarios(), GENERATE(kRoot, kOther, kWithoutGroups), tier);
}

TEST_CASE("other users write over and give away files with privileges as in a plain directory") {
  const auto tier = GENERATE(Mounted::Tier::kPassthrough, Mounted::Tier::kCached);
  compare(privilege_scenarios(), GENERATE(kRoot, kOther, kWithoutGroups), tier);
}

}  // namespace
}  // namespace litetool::test
