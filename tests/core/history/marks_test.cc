// The marks of a history as they are read.
#include "core/history/marks.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/history/layout.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

using Marks = std::map<Txid, std::string>;

Marks marks_of(const std::string& text) {
  const TempDir temp(memory_directory());
  write_file(temp.file(std::string(kMarksFile)), as_bytes(text));
  const auto marks = read_marks(posix_env(), kCwd, temp.path());
  REQUIRE(marks);
  return *marks;
}

TEST_CASE("marks: lines of a TXID and a reason, whatever else there is") {
  const TempDir empty;
  const auto none = read_marks(posix_env(), kCwd, empty.path());
  REQUIRE(none);
  CHECK(none->empty());
  CHECK(marks_of("0000000000000002 the file was rewritten\n"
                 "x\n\n000000000000000a\n000000000000000g why\n"
                 "000000000000000b why") ==
        Marks{{Txid{2}, "the file was rewritten"}, {Txid{11}, "why"}});
}

TEST_CASE("marks: of too many the newest are read") {
  const std::string newest = "0000000000000003 new\n";
  const std::string oldest = "0000000000000001 old\n";
  // `size` bytes of nothing to speak of.
  const auto line = [](std::size_t size) { return std::string(size - 1, 'x') + "\n"; };
  const std::size_t room = kMaxMarksSize - newest.size();
  CHECK(marks_of(oldest + line(room - oldest.size()) + newest).size() == 2);
  CHECK(marks_of(oldest + line(room) + newest) == Marks{{Txid{3}, "new"}});
}

TEST_CASE("marks: those before the base go when they are half of the file") {
  const TempDir temp(memory_directory());
  const std::string file = temp.file(std::string(kMarksFile));
  const auto line = [](int n) { return "000000000000000" + std::to_string(n) + " why\n"; };
  std::string all;
  for (int n = 1; n <= 8; ++n) all += line(n);
  write_file(file, as_bytes(all));
  REQUIRE(forget_marks_before(posix_env(), kCwd, temp.path(), Txid{1}));
  REQUIRE(forget_marks_before(posix_env(), kCwd, temp.path(), Txid{4}));
  CHECK(text_of(file) == all);
  REQUIRE(forget_marks_before(posix_env(), kCwd, temp.path(), Txid{5}));
  CHECK(text_of(file) == line(5) + line(6) + line(7) + line(8));
  REQUIRE(forget_marks_before(posix_env(), kCwd, temp.path(), Txid{9}));
  CHECK(text_of(file).empty());
  // Of too many only the newest are kept, wherever the base is.
  write_file(file,
             as_bytes(all + std::string(kMaxMarksSize - line(9).size() - 1, 'x') + "\n" + line(9)));
  REQUIRE(forget_marks_before(posix_env(), kCwd, temp.path(), Txid{2}));
  CHECK(text_of(file) == line(9));
  std::filesystem::remove(file);
  REQUIRE(forget_marks_before(posix_env(), kCwd, temp.path(), Txid{5}));
  CHECK_FALSE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace litetool::test
