// What a full disk and a death do to a marked image and to what stands before it.
#include <catch2/catch.hpp>

#include "core/history/history.h"
#include "core/history/history_reader.h"
#include "core/history/layout.h"
#include "tests/support/fault_env.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

constexpr std::uint32_t kPageSize = 512;

// An image of a database of one page.
Status append(History& history, std::uint8_t fill, const std::string& why = "") {
  ltx::Header header;
  header.page_size = kPageSize;
  header.commit = 1;
  const Buffer page(kPageSize, std::byte{fill});
  return history.append(
      header, history.empty(),
      [&](ltx::Encoder& encoder) -> Result<Checksum> {
        LT_TRY(encoder.add_page(1, page));
        return checksum_xor(kEmptyDatabase, page_checksum(1, page));
      },
      why);
}

}  // namespace

TEST_CASE("a marked image is in the file with its mark, or not at all", "[history]") {
  const auto fault = GENERATE(FaultEnv::Fault::kDiskFull, FaultEnv::Fault::kDead);
  for (std::uint64_t at = 1;; ++at) {
    INFO("effect " << at);
    const TempDir temp;
    const std::string folder = temp.file("history");
    FaultEnv env(posix_env(), at, fault);
    const auto ignore = [](const std::string&) {};
    auto history = History::open(env, kCwd, folder, 7, ignore, {});
    REQUIRE(history);
    const bool begun = append(*history, 1) && history->sync();
    const bool marked = begun && append(*history, 2, "a reason") && history->sync();
    const auto reader = HistoryReader::open(posix_env(), kCwd, folder);
    if (!begun) continue;
    REQUIRE(reader);
    const bool is_there = reader->images().size() == 2;
    CHECK((is_there || !marked));
    if (is_there) {
      REQUIRE(std::filesystem::exists(folder + "/" + std::string(kMarksFile)));
      const std::string line = reader->images().back().max_txid.text() + " a reason\n";
      const Bytes want = as_bytes(line);
      CHECK(read_file(folder + "/" + std::string(kMarksFile)) == Buffer(want.begin(), want.end()));
    }
    // Another try leaves one mark. Nothing is torn by a full disk.
    auto again = History::open(posix_env(), kCwd, folder, 7, ignore, {});
    REQUIRE(again);
    REQUIRE(again->forget_marks_beyond_end());
    const bool torn = std::filesystem::exists(folder + "/" + std::string(kQuarantineFolder));
    CHECK((!torn || fault == FaultEnv::Fault::kDead));
    if (!is_there) {
      REQUIRE(append(*again, 2, "a reason"));
      CHECK(read_file(folder + "/" + std::string(kMarksFile)).size() == 26);
    }
    if (marked) break;
  }
}

TEST_CASE("marks of transactions that did not come are taken back", "[history]") {
  const TempDir temp;
  const std::string folder = temp.file("history");
  auto history = History::open(posix_env(), kCwd, folder, 7, [](const std::string&) {}, {});
  REQUIRE(history);
  REQUIRE(history->forget_marks_beyond_end());  // there are none
  REQUIRE(append(*history, 1));
  REQUIRE(append(*history, 2, "a reason"));
  REQUIRE(history->sync());
  REQUIRE(history->forget_marks_beyond_end());
  const Buffer kept = read_file(folder + "/" + std::string(kMarksFile));
  const std::string tail = GENERATE(as<std::string>(), "0000000000000003 died\n",
                                    "0000000000000003 died\n0000000000000004 died\n",
                                    "00000000000000", "0000000000000001 torn");
  const Bytes more = as_bytes(tail);
  Buffer all = kept;
  all.insert(all.end(), more.begin(), more.end());
  write_file(folder + "/" + std::string(kMarksFile), all);
  REQUIRE(history->forget_marks_beyond_end());
  CHECK((read_file(folder + "/" + std::string(kMarksFile)) == kept));
}

}  // namespace litetool::test
