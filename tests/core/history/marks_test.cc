// The marks of a history as they are read.
#include "core/history/marks.h"

#include <catch2/catch.hpp>

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

}  // namespace
}  // namespace litetool::test
