// A sync that runs behind the caller's back ends, and tells what became of it.
#include "core/os/background_sync.h"

#include <fcntl.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cerrno>

#include "core/os/env.h"
#include "core/os/unique_fd.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {

TEST_CASE("a sync begun in the background is done when it was waited for, and can be begun again") {
  TempDir temp;
  const UniqueFd file(::open(temp.file("f").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  REQUIRE(file.valid());
  BackgroundSync sync;
  CHECK(sync.wait() == 0);
  for (int round = 0; round < 3; ++round) {
    REQUIRE(::write(file.get(), "abc", 3) == 3);
    if (!sync.start(file.get())) return;  // a kernel without it
    CHECK(sync.running());
    CHECK(sync.wait() == 0);
    CHECK_FALSE(sync.running());
  }
}

TEST_CASE("a descriptor that cannot be synced starts nothing, or tells of it") {
  int ends[2];
  REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
  const UniqueFd read_end(ends[0]);
  const UniqueFd write_end(ends[1]);
  BackgroundSync sync;
  if (sync.start(write_end.get())) CHECK(sync.wait() != 0);
  CHECK_FALSE(sync.running());
}

TEST_CASE("a file's sync covers what was written before and after one was begun") {
  TempDir temp;
  auto file = posix_env().open(kCwd, temp.file("f"), OpenMode::kCreate);
  REQUIRE(file);
  const Buffer page(4096);
  for (int round = 0; round < 3; ++round) {
    REQUIRE((*file)->append({Bytes(page)}));
    (*file)->start_sync();
    (*file)->start_sync();
    if (round == 1) REQUIRE((*file)->append({Bytes(page)}));
    CHECK((*file)->sync());
    CHECK((*file)->sync());
  }
  (*file)->start_sync();
  CHECK((*file)->close());
}

}  // namespace litetool::test
