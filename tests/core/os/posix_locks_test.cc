#include "core/os/posix_locks.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "core/os/unique_fd.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

void lock(int fd, short kind, off_t first, off_t size) {
  struct flock range {};
  range.l_type = kind;
  range.l_whence = SEEK_SET;
  range.l_start = first;
  range.l_len = size;
  REQUIRE(::fcntl(fd, F_OFD_SETLK, &range) == 0);
}

TEST_CASE("exclusive locks are seen by the bytes that they cover, shared ones are not") {
  const TempDir temp;
  const UniqueFd file(::open(temp.file("x").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  struct stat st {};
  REQUIRE(::fstat(file.get(), &st) == 0);
  lock(file.get(), F_RDLCK, 0, 200);
  CHECK_FALSE(is_write_locked(st.st_ino, 0, 1000));
  lock(file.get(), F_WRLCK, 121, 2);
  CHECK(is_write_locked(st.st_ino, 121, 121));
  CHECK(is_write_locked(st.st_ino, 0, 121));
  CHECK(is_write_locked(st.st_ino, 122, 500));
  CHECK_FALSE(is_write_locked(st.st_ino, 0, 120));
  CHECK_FALSE(is_write_locked(st.st_ino, 123, 500));
  CHECK_FALSE(is_write_locked(st.st_ino + 1, 121, 121));
  lock(file.get(), F_WRLCK, 0x40000002, 0);  // to the end
  CHECK(is_write_locked(st.st_ino, 0x40000200, 0x40000200));
  lock(file.get(), F_UNLCK, 0, 0);
  CHECK_FALSE(is_write_locked(st.st_ino, 0, UINT64_MAX));
}

}  // namespace
}  // namespace litetool::test
