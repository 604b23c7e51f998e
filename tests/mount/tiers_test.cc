// The two ways in which files are served, and what each of them lets us see.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "mount/served_here.h"
#include "support/temp_dir.h"

namespace litetool::test {
namespace {

TEST_CASE("what a client stores in a mapped file is seen at once, in both tiers") {
  const Tier tier = GENERATE(Tier::kAuto, Tier::kCached);
  const TempDir temp;
  ServedHere served(temp.path(), tier);
  CHECK((tier == Tier::kAuto || !served.passthrough()));
  constexpr std::size_t kSize = 32768;
  const UniqueFd file(::open(temp.file("x.db-shm").c_str(), O_RDWR | O_CREAT, 0644));
  REQUIRE(::ftruncate(file.get(), kSize) == 0);
  void* map = ::mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0);
  REQUIRE(map != MAP_FAILED);
  char* text = static_cast<char*>(map);
  for (int i = 0; i < 100; ++i) {
    std::memset(text, 'a' + i % 26, 200);
    char seen[136] = {};
    const auto n =
        served.peek().read(served.root(), "x.db-shm", std::as_writable_bytes(std::span(seen)), 4);
    REQUIRE(n.ok());
    REQUIRE(*n == sizeof seen);
    REQUIRE(std::memcmp(seen, text + 4, sizeof seen) == 0);
  }
  // At the end of the file there is less, and pages that nobody touched are read from it.
  char seen[200] = {};
  const auto n = served.peek().read(served.root(), "x.db-shm",
                                    std::as_writable_bytes(std::span(seen)), kSize - 100);
  REQUIRE(n.ok());
  CHECK(*n == 100);
  ::munmap(map, kSize);
}

}  // namespace
}  // namespace litetool::test
