// The small files of a history when they are not what we wrote: sizes that nobody has memory for,
// and more of them than anybody makes.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "core/history/checksums_file.h"
#include "core/history/history.h"
#include "core/history/layout.h"
#include "core/history/marks.h"
#include "core/history/rename_note.h"
#include "core/history/tags.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

constexpr std::uintmax_t kHuge = std::uintmax_t{1} << 42;

// Zeros that take no room on the disk.
void make_huge(const std::string& path) {
  write_file(path, {});
  std::filesystem::resize_file(path, kHuge);
}

Result<History> open_history(const std::string& folder) {
  return History::open(posix_env(), kCwd, folder, 7, [](const std::string&) {}, {});
}

void append_page(History& history) {
  ltx::Header header;
  header.page_size = 512;
  header.commit = 1;
  const bool whole = history.empty();
  REQUIRE(history.append(header, whole, [&](ltx::Encoder& encoder) -> Result<Checksum> {
    const Buffer page(512, std::byte{static_cast<std::uint8_t>(history.pos().txid.value)});
    LT_TRY(encoder.add_page(1, page));
    return checksum_xor(kEmptyDatabase, page_checksum(1, page));
  }));
  REQUIRE(history.sync());
}

}  // namespace

TEST_CASE("notes: what is larger than any of ours is refused, not read", "[history]") {
  const TempDir temp;
  const HistoryRoot root{kCwd, temp.path()};
  make_huge(root.file(kRenameFile));
  const Status renamed = finish_noted_rename(posix_env(), kCwd, root);
  REQUIRE_FALSE(renamed);
  CHECK(renamed.error().code == Errc::kCorrupt);
  make_huge(temp.file(std::string(kChecksumsFile)));
  const auto stop = read_clean_stop(posix_env(), kCwd, temp.path());
  REQUIRE_FALSE(stop);
  CHECK(stop.error().code == Errc::kCorrupt);
  make_huge(temp.file(std::string(kTagsFile)));
  CHECK(read_tags(posix_env(), kCwd, temp.path()).error().code == Errc::kCorrupt);
  make_huge(temp.file(std::string(kMarksFile)));
  CHECK(read_marks(posix_env(), kCwd, temp.path())->empty());
}

TEST_CASE("notes: marks beyond the end of the history go, whatever stands before them",
          "[history]") {
  const TempDir temp;
  const std::string folder = temp.file("h");
  auto history = open_history(folder);
  REQUIRE(history);
  append_page(*history);
  append_page(*history);
  const std::string marks = folder + "/" + std::string(kMarksFile);
  const std::string good = "0000000000000002 why\n";
  const std::string beyond = "0000000000000003 why\n0000000000000004 why\n";
  SECTION("a few lines") {
    std::ofstream(marks) << good << beyond << "00000000";
    REQUIRE(history->forget_marks_beyond_end());
    CHECK(std::filesystem::file_size(marks) == good.size());
  }
  SECTION("more than there is memory for") {
    make_huge(marks);
    std::ofstream(marks, std::ios::app) << "\n" << good << beyond;
    REQUIRE(history->forget_marks_beyond_end());
    CHECK(std::filesystem::file_size(marks) == kHuge + 1 + good.size());
  }
  SECTION("no line at all") {
    make_huge(marks);
    REQUIRE(history->forget_marks_beyond_end());
    CHECK(std::filesystem::file_size(marks) == kHuge);
  }
}

TEST_CASE("notes: a file full of tags is read in no time", "[history]") {
  const TempDir temp;
  constexpr int kTags = 300'000;
  {
    std::ofstream out(temp.file(std::string(kTagsFile)));
    for (int i = 0; i < kTags; ++i) out << "0000000000000001 1 v" << i << "\n";
    out << "0000000000000000 2 v7\n0000000000000002 3 v0\n";
  }
  const auto tags = read_tags(posix_env(), kCwd, temp.path());
  REQUIRE(tags);
  REQUIRE(tags->size() == kTags - 1);
  CHECK(tags->front().name == "v1");
  CHECK(tags->back().name == "v0");
  CHECK(tags->back().txid == Txid{2});
}

TEST_CASE("layout: a file of a history has one name", "[history]") {
  CHECK(is_segment_name("000000000000000a.ltxs"));
  CHECK_FALSE(is_segment_name("000000000000000A.ltxs"));
  CHECK(last_txid_of_name("000000000000000A.ltxs") == Txid{0});
  CHECK(is_compacted_name("0000000000000001-000000000000000a-0000000000000002.ltxs"));
  CHECK_FALSE(is_compacted_name("0000000000000001-000000000000000A-0000000000000002.ltxs"));
}

}  // namespace litetool::test
