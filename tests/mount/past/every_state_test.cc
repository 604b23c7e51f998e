// Random histories by the real SQLite through the mount: at every transaction all commands that
// look at the past agree with what was recorded then, and with each other.
//
// LITETOOL_TEST_SEED is the first seed (1), LITETOOL_TEST_SEEDS how many (1).
#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <map>

#include "cmd/command.h"
#include "formats/sqlite/file_header.h"
#include "mount/mounted.h"
#include "mount/past/content.h"
#include "mount/past/random_work.h"
#include "mount/truth.h"
#include "support/commands.h"
#include "support/temp_dir.h"

namespace litetool::test {
namespace {

constexpr int kSteps = 26;
constexpr int kDistantPairs = 10;

constexpr WorkPlan kPlans[] = {
    {"DELETE", 512, 0, "UTF-8"},    {"DELETE", 4096, 1, "UTF-16le"},
    {"TRUNCATE", 1024, 2, "UTF-8"}, {"TRUNCATE", 65536, 0, "UTF-16be"},
    {"PERSIST", 2048, 1, "UTF-8"},  {"PERSIST", 4096, 0, "UTF-16le"},
    {"WAL", 512, 2, "UTF-16be"},    {"WAL", 4096, 0, "UTF-8"},
    {"WAL", 8192, 1, "UTF-8"},      {"MEMORY", 1024, 0, "UTF-8"},
    {"OFF", 4096, 2, "UTF-16le"},
};

int number_from(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::atoi(text);
}

// One line of `log --json`.
struct LogLine {
  std::string txid;
  std::string time;
  bool snapshot = false;
  std::size_t pages = 0;
  std::map<std::string, std::uint64_t> tables;  // with their pages
};

// A transaction of the history and the recorded state that it leads to.
struct Known {
  LogLine log;
  const Buffer* bytes;
  std::string content;
};

std::size_t page_size_of(const Buffer& database) {
  return database.empty() ? 0 : decode_file_header(database)->page_size;
}

class History {
 public:
  History(std::string source, const TempDir& temp, const WorkPlan& plan,
          const std::vector<Buffer>& recorded)
      : source_(std::move(source)), temp_(temp), plan_(plan), recorded_(recorded) {}

  void check() {
    read_log();
    match_states();
    for (std::size_t i = 0; i < known_.size(); ++i) {
      INFO("transaction " << known_[i].log.txid);
      check_state(known_[i]);
      check_tables(i);
      check_time(i);
      check_script(i == 0 ? known_[i] : known_[i - 1], known_[i]);
    }
    check_points();
    std::mt19937 random(plan_.seed);
    for (int i = 0; i < kDistantPairs; ++i) {
      check_script(known_[random() % known_.size()], known_[random() % known_.size()]);
    }
  }

 private:
  static std::vector<Json> json_lines(const std::string& text) {
    std::vector<Json> lines;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at);
      lines.push_back(Json::parse(text.substr(at, end - at)));
      at = end + 1;
    }
    return lines;
  }

  void read_log() {
    for (const Json& j : json_lines(said({"log", source_, "--json"}))) {
      LogLine line{j["txid"], j["time"], j["snapshot"], j["pages"], {}};
      for (const Json& table : j["tables"])
        line.tables[table["name"].get<std::string>()] = table["pages"].get<std::uint64_t>();
      log_.insert(log_.begin(), std::move(line));
    }
    REQUIRE_FALSE(log_.empty());
  }

  // Every transaction must be one of the recorded states, in order; none may be missing, but where
  // SQLite tells nobody of a commit.
  void match_states() {
    auto next = recorded_.begin();
    for (const LogLine& line : log_) {
      INFO("transaction " << line.txid << " of " << log_.back().txid);
      const Buffer now = restored(line.txid);
      // A commit that changed nothing.
      if (next != recorded_.begin() && *std::prev(next) == now) {
        known_.push_back({line, &*std::prev(next), known_.back().content});
        continue;
      }
      const auto found = std::find(next, recorded_.end(), now);
      INFO("after recorded state " << next - recorded_.begin() << " of " << recorded_.size());
      REQUIRE(found != recorded_.end());
      REQUIRE((found == next || plan_.may_merge()));
      known_.push_back({line, &*found, content_of(*in_memory(*found))});
      next = std::next(found);
    }
    REQUIRE(next == recorded_.end());
  }

  // Empty where the database was removed.
  Buffer restored(const std::string& txid) {
    const std::string out = temp_.file("restored");
    const Said result = say({"restore", source_, "--at", txid, "-o", out, "--force", "--quiet"});
    INFO(result.err);
    if (result.code == kExitNotFound) return {};
    REQUIRE(result.code == kExitDone);
    return read_file(out);
  }

  void check_state(const Known& known) {
    const std::string out = temp_.file("exported");
    const std::string& txid = known.log.txid;
    if (known.bytes->empty()) {
      CHECK(say({"export", source_, "--at", txid, "-o", out}).code == kExitNotFound);
      CHECK(say({"sql", source_, "--at", txid, "SELECT 1"}).code == kExitNotFound);
      return;
    }
    said({"export", source_, "--at", txid, "-o", out, "--force"});
    const bool equal = read_file(out) == *known.bytes;
    CHECK(equal);

    said({"export", source_, "--at", txid, "--format", "sql", "-o", out, "--force"});
    SqliteSession from_script(":memory:");
    from_script.exec(text_of(out));
    CHECK(content_of(from_script) == known.content);

    const auto truth = in_memory(*known.bytes);
    std::string lines =
        truth->value("PRAGMA user_version") + " " + truth->value("PRAGMA application_id") + "\n";
    for (const Json& row :
         json_lines(said({"sql", source_, "--at", txid, content_query(*truth), "--json"}))) {
      lines += row["line"].get<std::string>() + "\n";
    }
    CHECK(lines == known.content);
  }

  // `log` names every table whose rows or definition changed.
  void check_tables(std::size_t i) {
    static const Buffer kNothing;
    const Buffer& before = i == 0 ? kNothing : *known_[i - 1].bytes;
    const Buffer& after = *known_[i].bytes;
    const auto content_before = content_by_table(*in_memory(before));
    const auto content_after = content_by_table(*in_memory(after));
    const auto& named = known_[i].log.tables;
    const auto must_name = [&](const auto& of, const auto& other) {
      for (const auto& [table, content] : of) {
        const auto found = other.find(table);
        INFO("table " << table);
        if (found == other.end() || found->second != content) CHECK(named.contains(table));
      }
    };
    must_name(content_before, content_after);
    must_name(content_after, content_before);
    if (!known_[i].log.snapshot) check_no_other_table(known_[i].log, before, after);
  }

  // A page is written for a change only, and a table is named for its pages only.
  static void check_no_other_table(const LogLine& line, const Buffer& before, const Buffer& after) {
    const std::vector<Pgno> changed = differing_pages(before, after, page_size_of(after));
    // Of a transaction that wrote pages as they were, one is kept.
    CHECK(line.pages == std::max<std::size_t>(changed.size(), after.empty() ? 0 : 1));
    if (changed.empty()) return;
    std::set<std::string> may_name = tables_of_changed_schema(before, after);
    if (!may_name.empty()) may_name.insert("sqlite_schema");
    // Those behind the new end too.
    const std::vector<Pgno> gone = differing_pages(after, before, page_size_of(before));
    may_name.merge(tables_on_pages(before, gone));
    may_name.merge(tables_on_pages(after, changed));
    for (const auto& [table, pages] : line.tables) {
      INFO("table " << table);
      CHECK(may_name.contains(table));
    }
  }

  void check_time(std::size_t i) {
    const LogLine& line = known_[i].log;
    const Json by_txid = Json::parse(said({"when", source_, line.txid, "--json"}));
    CHECK(by_txid["txid"] == line.txid);
    CHECK(by_txid["time"] == line.time);
    const bool is_last = i + 1 == log_.size();
    CHECK(by_txid["next_txid"] == (is_last ? Json() : Json(log_[i + 1].txid)));
    // The last one of that instant.
    std::size_t last = i;
    while (last + 1 < log_.size() && log_[last + 1].time == line.time) ++last;
    const Json by_time = Json::parse(said({"when", source_, line.time, "--json"}));
    CHECK(by_time["txid"] == log_[last].txid);
    const std::string back = "latest~" + std::to_string(log_.size() - 1 - i);
    CHECK(Json::parse(said({"when", source_, back, "--json"}))["txid"] == line.txid);
  }

  void check_points() {
    const Json points = Json::parse(said({"points", source_, "--json"}));
    CHECK(points["gaps"].empty());
    std::uint64_t count = 0;
    for (const Json& stretch : points["stretches"]) count += stretch["points"].get<std::uint64_t>();
    CHECK(count == log_.size());
    CHECK(points["stretches"].front()["first"]["txid"] == log_.front().txid);
    CHECK(points["stretches"].back()["last"]["txid"] == log_.back().txid);
  }

  void check_script(const Known& a, const Known& b) {
    INFO("diff from " << a.log.txid << " to " << b.log.txid);
    const Said script = say({"diff", source_, a.log.txid, b.log.txid, "--sql"});
    INFO(script.err);
    // Pages may differ with the same content.
    INFO(script.out.substr(0, 1000));
    CHECK(script.code == (script.out.empty() ? kExitDone : kExitDiffers));
    CHECK(script.out.empty() == (a.content == b.content));
    const auto session = in_memory(*a.bytes);
    session->exec(script.out);
    CHECK(content_of(*session) == b.content);
    CHECK(session->value("PRAGMA integrity_check") == "ok");
  }

  const std::string source_;
  const TempDir& temp_;
  const WorkPlan& plan_;
  const std::vector<Buffer>& recorded_;
  std::vector<LogLine> log_;  // oldest first
  std::vector<Known> known_;
};

void prove(unsigned seed) {
  const TempDir temp;
  const TempDir outputs{memory_directory()};
  const std::string directory = temp.file("data");
  REQUIRE(::mkdir(directory.c_str(), 0755) == 0);
  std::vector<WorkPlan> plans(std::begin(kPlans), std::end(kPlans));
  std::vector<std::vector<Buffer>> recorded;
  Mounted mounted(directory);
  for (std::size_t i = 0; i < plans.size(); ++i) {
    plans[i].seed = seed * 100 + static_cast<unsigned>(i);
    INFO(plans[i].text());
    RandomWork work(mounted.file(std::to_string(i) + ".db"), plans[i]);
    for (int step = 0; step < kSteps; ++step) work.step();
    recorded.push_back(work.finish());
  }
  REQUIRE(mounted.unmount() == 0);
  for (std::size_t i = 0; i < plans.size(); ++i) {
    INFO(plans[i].text());
    History(directory + "/" + std::to_string(i) + ".db", outputs, plans[i], recorded[i]).check();
  }
}

TEST_CASE("every state of a random history, by every command that looks at the past", "[past]") {
  const int first = number_from("LITETOOL_TEST_SEED", 1);
  const int count = number_from("LITETOOL_TEST_SEEDS", 1);
  for (int i = 0; i < count; ++i) prove(static_cast<unsigned>(first + i));
}

}  // namespace
}  // namespace litetool::test
