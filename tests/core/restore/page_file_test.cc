#include "core/restore/page_file.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

constexpr std::uint32_t kPageSize = 4096;

Buffer pages_of(Pgno first, Pgno count) {
  Buffer pages(std::size_t{count} * kPageSize);
  for (Pgno i = 0; i < count; ++i) {
    const auto mark = static_cast<std::byte>((first + i) % 251);
    std::fill_n(pages.begin() + static_cast<std::ptrdiff_t>(i) * kPageSize, kPageSize, mark);
  }
  return pages;
}

}  // namespace

// Much more than what is handed to the kernel at once, in each of the orders that occur.
TEST_CASE("page file: scattered pages, then runs around them, then all at once") {
  constexpr Pgno kPages = 5000;
  const test::TempDir temp;
  const std::string path = temp.file("database");
  {
    const auto file = posix_env().open(kCwd, path, OpenMode::kCreateNew);
    REQUIRE(file);
    PageFile pages(**file, kPageSize);
    REQUIRE((*file)->truncate(std::uint64_t{kPages} * kPageSize));
    for (Pgno pgno = 7; pgno <= 2000; pgno += 10) REQUIRE(pages.write(pgno, pages_of(pgno, 1)));
    for (Pgno pgno = 3; pgno <= 1500; pgno += 10) REQUIRE(pages.write(pgno, pages_of(pgno, 2)));
    for (Pgno pgno = 1; pgno <= 2000; ++pgno) {
      const bool is_there = pgno % 10 == 7 || (pgno < 1500 && (pgno % 10 == 3 || pgno % 10 == 4));
      if (!is_there) REQUIRE(pages.write(pgno, pages_of(pgno, 1)));
    }
    REQUIRE(pages.write(2001, pages_of(2001, kPages - 2000)));
    REQUIRE((*file)->sync());
  }
  CHECK((test::read_file(path) == pages_of(1, kPages)));
}

}  // namespace litetool
