// Damage in the files of a database: `audit` finds and names it, and the history repairs it.
#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>
#include <map>

#include "cmd/command.h"
#include "tests/cmd/damage/watched_history.h"
#include "tests/support/commands.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

constexpr std::uint32_t kPageSize = WatchedHistory::kPageSize;
constexpr std::size_t kFrameSize = 24 + kPageSize;

// For each page what the real SQLite says: its kind and the table or index that has it.
struct PageUse {
  std::string kind;
  std::string owner;  // empty for what belongs to none
};

std::map<Pgno, PageUse> uses_of(const WatchedHistory& history) {
  std::map<Pgno, PageUse> uses;
  SqliteSession session(history.database());
  for (const auto& row :
       session.rows("SELECT d.pageno, d.pagetype || ' of ' || coalesce(s.type, 'schema'), d.name "
                    "FROM dbstat d LEFT JOIN sqlite_schema s ON s.name = d.name")) {
    uses[static_cast<Pgno>(std::stoul(row[0]))] = {row[1], row[2]};
  }
  const Bytes first = page_of(history.last(), 1);
  const auto trunk = load_be<std::uint32_t>(first.data() + 32);
  REQUIRE(trunk != 0);
  uses[trunk] = {"freelist trunk", ""};
  const Bytes list = page_of(history.last(), trunk);
  REQUIRE(load_be<std::uint32_t>(list.data() + 4) > 0);
  uses[load_be<std::uint32_t>(list.data() + 8)] = {"freelist leaf", ""};
  uses[2] = {"pointer map", ""};
  return uses;
}

// One page of each kind.
std::map<std::string, Pgno> pages_by_kind(const std::map<Pgno, PageUse>& uses) {
  std::map<std::string, Pgno> pages;
  for (const auto& [pgno, use] : uses) pages.emplace(use.kind, pgno);
  return pages;
}

void flip(Buffer& bytes, std::size_t at) {
  REQUIRE(at < bytes.size());
  bytes[at] ^= std::byte{0x40};
}

std::size_t offset_of(Pgno pgno) {
  return std::size_t{pgno - 1} * kPageSize;
}

// The audit must end so, and the copy that it writes must be the last state of the history.
Json audit_and_repair(const WatchedHistory& history, int code) {
  const std::string repaired = history.aside("repaired.db");
  const Said result = say({"audit", history.database(), "--json", "--limit", "0", "--repair-from",
                           "history", "-o", repaired, "--force"});
  INFO(result.err);
  REQUIRE(result.code == code);
  const bool is_right = read_file(repaired) == history.last();
  REQUIRE(is_right);
  std::filesystem::remove(repaired);
  return result.out.empty() ? Json() : Json::parse(result.out);
}

std::vector<Pgno> pages_in(const Json& report) {
  std::vector<Pgno> pages;
  for (const Json& page : report["differences"]) pages.push_back(page["pgno"].get<Pgno>());
  return pages;
}

// Each page with its owner and its last transaction.
void check_named(const WatchedHistory& history, const std::map<Pgno, PageUse>& uses,
                 const Json& report) {
  for (const Json& page : report["differences"]) {
    const Pgno pgno = page["pgno"];
    INFO("page " << pgno);
    const auto use = uses.find(pgno);
    const std::string owner = use == uses.end() ? "" : use->second.owner;
    REQUIRE(page["owner"] == (owner.empty() ? Json() : Json(owner)));
    REQUIRE(page["txid"] == history.writer_of(pgno).text());
  }
}

TEST_CASE("live damage: a page of every kind is named with its owner and its transaction") {
  const WatchedHistory history(WatchedHistory::End::kFile);
  const std::map<Pgno, PageUse> uses = uses_of(history);
  const auto kinds = pages_by_kind(uses);
  for (const char* kind :
       {"internal of table", "leaf of table", "overflow of table", "internal of index",
        "leaf of index", "leaf of schema", "freelist trunk", "freelist leaf", "pointer map"}) {
    INFO(kind);
    REQUIRE(kinds.contains(kind));
  }
  REQUIRE(say({"audit", history.database(), "--quiet"}).code == kExitDone);
  for (const auto& [kind, pgno] : kinds) {
    for (const std::size_t within :
         {std::size_t{0}, std::size_t{5}, std::size_t{110}, std::size_t{511}}) {
      if (pgno == 1 && within < 100) continue;  // the header: below
      INFO(kind << ", page " << pgno << ", byte " << within);
      Buffer bytes = history.last();
      flip(bytes, offset_of(pgno) + within);
      write_file(history.database(), bytes);
      const Json report = audit_and_repair(history, kExitDiffers);
      REQUIRE(pages_in(report) == std::vector<Pgno>{pgno});
      check_named(history, uses, report);
    }
  }
}

TEST_CASE("live damage: many pages at once, the schema among them") {
  const WatchedHistory history(WatchedHistory::End::kFile);
  const std::map<Pgno, PageUse> uses = uses_of(history);
  Buffer bytes = history.last();
  std::vector<Pgno> damaged;
  for (const auto& [pgno, use] : uses) {
    if (pgno != 1 && pgno % 3 != 0) continue;
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset_of(pgno) + 100), 300,
                std::byte{0xff});
    damaged.push_back(pgno);
  }
  write_file(history.database(), bytes);
  const Json report = audit_and_repair(history, kExitDiffers);
  REQUIRE(pages_in(report) == damaged);
  check_named(history, uses, report);
}

TEST_CASE("live damage: torn pages and pages of an earlier state") {
  const WatchedHistory history(WatchedHistory::End::kFile);
  const std::map<Pgno, PageUse> uses = uses_of(history);
  const Buffer& earlier = history.states()[5];
  for (const std::size_t kept : {std::size_t{0}, std::size_t{kPageSize / 2}}) {
    for (const Pgno pgno : history.difference(earlier)) {
      if (page_of(earlier, pgno).empty()) continue;
      Buffer bytes = history.last();
      const auto at = static_cast<std::ptrdiff_t>(offset_of(pgno) + kept);
      std::copy_n(earlier.begin() + at, kPageSize - kept, bytes.begin() + at);
      if (bytes == history.last()) continue;  // that half is the same
      if (pgno == 1 && kept == 0) continue;   // the earlier one is in WAL mode
      INFO("page " << pgno << " from byte " << kept);
      write_file(history.database(), bytes);
      const Json report = audit_and_repair(history, kExitDiffers);
      REQUIRE(pages_in(report) == std::vector<Pgno>{pgno});
      check_named(history, uses, report);
    }
  }
}

TEST_CASE("live damage: the size and the header of the file") {
  const WatchedHistory history(WatchedHistory::End::kFile);
  const auto last_page = static_cast<Pgno>(history.last().size() / kPageSize);
  struct Case {
    const char* name;
    std::function<void(Buffer&)> damage;
    int code;
  };
  const Case cases[] = {
      {"cut by a page", [](Buffer& b) { b.resize(b.size() - kPageSize); }, kExitCorrupt},
      {"cut within a page", [](Buffer& b) { b.resize(b.size() - 100); }, kExitCorrupt},
      {"cut to its header", [](Buffer& b) { b.resize(100); }, kExitCorrupt},
      {"cut to nothing", [](Buffer& b) { b.clear(); }, kExitDiffers},
      {"no database", [](Buffer& b) { flip(b, 0); }, kExitCorrupt},
      {"a larger page size", [](Buffer& b) { b[16] = std::byte{4}; }, kExitCorrupt},
      {"another page size and as many bytes",
       [&](Buffer& b) {
         b[16] = std::byte{4};
         store_be(b.data() + 28, last_page / 2);
       },
       kExitDiffers},
      {"an impossible page size", [](Buffer& b) { b[16] = std::byte{3}; }, kExitCorrupt},
      {"another change counter", [](Buffer& b) { flip(b, 27); }, kExitDiffers},
      {"another user version", [](Buffer& b) { flip(b, 60); }, kExitDiffers},
      {"another encoding", [](Buffer& b) { b[59] = std::byte{2}; }, kExitDiffers},
      {"a page less by its header", [&](Buffer& b) { store_be(b.data() + 28, last_page - 1); },
       kExitDiffers},
      {"a page more by its header", [&](Buffer& b) { store_be(b.data() + 28, last_page + 1); },
       kExitCorrupt},
      {"grown by a page, in its header too",
       [&](Buffer& b) {
         store_be(b.data() + 28, last_page + 1);
         b.resize(b.size() + kPageSize);
       },
       kExitDiffers},
      {"zeroed", [](Buffer& b) { std::ranges::fill(b, std::byte{0}); }, kExitCorrupt},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    Buffer bytes = history.last();
    c.damage(bytes);
    write_file(history.database(), bytes);
    audit_and_repair(history, c.code);
  }
  std::filesystem::remove(history.database());
  INFO("the file is gone");
  REQUIRE(say({"audit", history.database(), "--quiet"}).code != kExitDiffers);
  said({"restore", history.database(), "-o", history.aside("restored.db")});
  const bool is_right = read_file(history.aside("restored.db")) == history.last();
  REQUIRE(is_right);
}

// From a frame on that is damaged SQLite takes no more of the log: the state is an earlier one.
TEST_CASE("live damage: each frame of the log") {
  const WatchedHistory history(WatchedHistory::End::kLog);
  const std::string log = history.database() + "-wal";
  const Buffer whole = read_file(log);
  const Buffer file = read_file(history.database());
  const std::size_t frames = (whole.size() - 32) / kFrameSize;
  REQUIRE(frames > 20);
  REQUIRE(say({"audit", history.database(), "--quiet"}).code == kExitDone);

  // How many transactions are complete in so many frames: those of the log follow the base.
  const auto state_after = [&](std::size_t count) -> Buffer {
    std::size_t commits = 0;
    std::size_t all = 0;
    for (std::size_t i = 0; i < frames; ++i) {
      const bool commit = load_be<std::uint32_t>(whole.data() + 32 + i * kFrameSize + 4) != 0;
      all += commit ? 1 : 0;
      commits += commit && i < count ? 1 : 0;
    }
    const std::size_t lost = all - commits;
    if (lost < history.states().size()) return history.states()[history.states().size() - 1 - lost];
    return file;
  };
  const auto check = [&](const Buffer& damaged, std::size_t intact) {
    write_file(log, damaged);
    const Json report = audit_and_repair(history, kExitDiffers);
    REQUIRE(pages_in(report) == history.difference(state_after(intact)));
    for (const Json& page : report["differences"]) {
      // It may have been written again as it was.
      if (page["right"].is_null()) continue;
      REQUIRE(page["txid"].get<std::string>() >= history.writer_of(page["pgno"]).text());
    }
  };
  for (std::size_t i = 0; i < frames; i += 11) {
    for (const std::size_t within :
         {std::size_t{3}, std::size_t{9}, std::size_t{17}, std::size_t{24}, std::size_t{500}}) {
      INFO("frame " << i + 1 << " of " << frames << ", byte " << within);
      Buffer bytes = whole;
      flip(bytes, 32 + i * kFrameSize + within);
      check(bytes, i);
    }
    INFO("cut in frame " << i + 1 << " of " << frames);
    Buffer bytes = whole;
    bytes.resize(32 + i * kFrameSize + 300);
    check(bytes, i);
  }
  INFO("the header of the log");
  Buffer bytes = whole;
  flip(bytes, 20);
  check(bytes, 0);
}

}  // namespace
}  // namespace litetool::test
