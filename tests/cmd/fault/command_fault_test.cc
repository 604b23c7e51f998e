// Commands that write, when an effect on the disk fails or the power goes at it: what was there is
// there, or what was to come is; nothing half done stays, and another try succeeds.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "cmd/command.h"
#include "core/history/layout.h"
#include "tests/core/capture/run.h"
#include "tests/mount/truth.h"
#include "tests/support/commands.h"
#include "tests/support/fault_env.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"
#include "tests/support/trouble.h"
#include "tests/support/unsynced_env.h"

namespace litetool::test {
namespace {

namespace fs = std::filesystem;
using Fault = FaultEnv::Fault;
using Words = std::vector<std::string>;

// A directory with a small database and its history: one state for each transaction.
class Watched {
 public:
  Watched() {
    const std::string path = temp_.file("app.db");
    SqliteSession session(path);
    session.exec("PRAGMA page_size=512; CREATE TABLE t(id INTEGER PRIMARY KEY, x)");
    fs::create_directory(temp_.file(std::string(kHistoryFolder)));
    write_file(temp_.file(std::string(kHistoryFolder) + "/" + std::string(kNodeFile)),
               as_bytes("4f0c35a1de907b62\n"));
    Run run(temp_.path());
    REQUIRE(run.loaded());
    states_.push_back(read_file(path));
    std::vector<std::string> work = {"INSERT INTO t VALUES(1, printf('%02000d', 1))",
                                     "INSERT INTO t VALUES(2, 'two')",
                                     "UPDATE t SET x = 'one' WHERE id = 1"};
    for (int i = 3; i < 12; ++i) {
      work.push_back("INSERT INTO t VALUES(" + std::to_string(i) + ", printf('%0300d', 3))");
    }
    for (const std::string& sql : work) {
      session.exec(sql);
      const auto database = run.database("app.db");
      database->before_remove(FileRole::kJournal);
      database->after_remove(FileRole::kJournal, true);
      states_.push_back(read_file(path));
    }
    run.stop();
    const bool equal = states_in_history(temp_.path(), "app.db") == states_;
    REQUIRE(equal);
  }
  const std::string& directory() const { return temp_.path(); }
  const std::vector<Buffer>& states() const { return states_; }
  const Buffer& last() const { return states_.back(); }

 private:
  TempDir temp_{memory_directory()};
  std::vector<Buffer> states_;
};

const Watched& watched() {
  static const Watched watched;
  return watched;
}
const Buffer& state(std::uint64_t txid) {
  return watched().states().at(txid - 1);
}

// A copy of the directory, and all else that a command may touch.
class Place {
 public:
  // One place may be made while there is another: the temporary files go to the newest.
  Place() {
    if (const char* before = std::getenv("TMPDIR")) temporaries_before_ = before;
    for (const char* folder : {"attic", "tmp"}) fs::create_directory(file(folder));
    fs::copy(watched().directory(), file("data"), fs::copy_options::recursive);
    ::setenv("TMPDIR", file("tmp").c_str(), 1);
  }
  ~Place() {
    if (temporaries_before_) {
      ::setenv("TMPDIR", temporaries_before_->c_str(), 1);
    } else {
      ::unsetenv("TMPDIR");
    }
  }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;

  std::string file(const std::string& name) const { return temp_.file(name); }
  std::string database() const { return file("data/app.db"); }
  std::string history() const {
    return history_folder_of(file("data/" + std::string(kHistoryFolder)), "app.db");
  }
  std::string segment() const { return history() + "/" + segment_name(Txid{1}); }

  // All files, the attic's apart.
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : fs::recursive_directory_iterator(temp_.path())) {
      const std::string name = entry.path().string().substr(temp_.path().size() + 1);
      if (entry.is_regular_file() && !name.starts_with("attic/")) names.insert(name);
    }
    return names;
  }

 private:
  TempDir temp_{memory_directory()};
  std::optional<std::string> temporaries_before_;
};

bool is(const std::string& path, const Buffer& bytes) {
  return fs::exists(path) && read_file(path) == bytes;
}

// A command, and what is right of its work at any time, and once it said that it is done.
struct Task {
  const char* name;
  std::function<void(const Place&)> prepare;
  std::function<Words(const Place&)> words;
  std::function<bool(const Place&)> is_old;
  std::function<bool(const Place&)> is_new;
  enum class History : std::uint8_t { kUntouched, kSameStates, kOtherStates };
  History history = History::kUntouched;
  bool can_repeat = false;  // once more, when it is done already, is no error
};

void nothing(const Place&) {}

bool no_output(const Place& place) {
  return !fs::exists(place.file("out"));
}
bool old_output(const Place& place) {
  return is(place.file("out"), Buffer(700, std::byte{7}));
}
void put_output(const Place& place) {
  write_file(place.file("out"), Buffer(700, std::byte{7}));
}

// What a command leaves in `out` where nothing fails.
const Buffer& good_output(const Task& task) {
  static std::map<std::string, Buffer> all;
  const auto known = all.find(task.name);
  if (known != all.end()) return known->second;
  const Place place;
  task.prepare(place);
  (void)said(task.words(place));
  return all[task.name] = read_file(place.file("out"));
}

Task to_output(const char* name, std::function<Words(const Place&)> words, bool over_old = false) {
  Task task{name,
            over_old ? put_output : nothing,
            [=](const Place& place) {
              Words all = words(place);
              if (over_old) all.emplace_back("--force");
              return all;
            },
            over_old ? old_output : no_output,
            {}};
  task.is_new = [task](const Place& place) { return is(place.file("out"), good_output(task)); };
  return task;
}

std::string tags_of(const Place& place) {
  const Said list = say({"tag", place.database(), "list", "--json"});
  CHECK(list.code == kExitDone);
  return list.out;
}
bool has_tag(const Place& place, const std::string& name) {
  return tags_of(place).find('"' + name + '"') != std::string::npos;
}

std::string rows_of(const std::string& path) {
  SqliteSession session(path);
  CHECK(session.value("PRAGMA integrity_check") == "ok");
  return session.value("SELECT group_concat(id || ':' || x) FROM t");
}

// The database is there as it was.
bool is_last(const Place& place) {
  return committed_bytes(place.database()) == watched().last();
}
// SQLite has put the rows of the third state into it.
bool has_third(const Place& place) {
  const std::string third = place.file("tmp/third.db");
  write_file(third, state(3));
  const bool same = rows_of(place.database()) == rows_of(third);
  fs::remove(third);
  return same;
}

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::vector<Task> tag_tasks() {
  constexpr auto kSame = Task::History::kSameStates;
  const auto add = [](const Place& p, const char* at) {
    return Words{"tag", p.database(), "add", "mine", "--at", at, "--force", "-q"};
  };
  const auto add_first = [=](const Place& p) { (void)said(add(p, "2")); };
  const auto stands_for = [](const Place& p, int txid) {
    return tags_of(p).find("000000000000000" + std::to_string(txid)) != std::string::npos;
  };
  return {
      {"tag add", nothing, [=](const Place& p) { return add(p, "2"); },
       [](const Place& p) { return !has_tag(p, "mine"); },
       [](const Place& p) { return has_tag(p, "mine"); }, kSame, true},
      {"tag add, moved", add_first, [=](const Place& p) { return add(p, "3"); },
       [=](const Place& p) { return stands_for(p, 2); },
       [=](const Place& p) { return stands_for(p, 3); }, kSame, true},
      {"tag delete", add_first,
       [](const Place& p) {
         return Words{"tag", p.database(), "delete", "mine", "-q"};
       },
       [](const Place& p) { return has_tag(p, "mine"); },
       [](const Place& p) { return !has_tag(p, "mine"); }, kSame},
  };
}

std::vector<Task> history_tasks() {
  const auto settings = [](const Place& p) {
    const std::string none =
        "[retention]\ntransactions_for = \"0s\"\nminutes_for = \"0s\"\nhours_for = \"0s\"\n";
    write_file(p.file("none.toml"), as_bytes(none));
    (void)said({"tag", p.database(), "add", "kept", "--at", "4", "-q"});
  };
  const auto has_kept = [](const Place& p) {
    const auto states = states_in_history(p.file("data"), "app.db");
    return std::ranges::find(states, state(4)) != states.end() && states.back() == watched().last();
  };
  const auto prune = [](const Place& p) {
    return Words{"prune", p.database(), "--config", p.file("none.toml"), "-q"};
  };
  const auto prune_once = [=](const Place& p) {
    settings(p);
    (void)said(prune(p));
  };
  const auto is_compacted = [=](const Place& p) {
    const auto names = posix_env().list(kCwd, p.history());
    return has_kept(p) && std::ranges::any_of(*names, is_compacted_name);
  };
  return {{"prune", settings, prune, has_kept, is_compacted, Task::History::kOtherStates},
          // What a power cut brings back of it does no harm.
          {"prune, what was replaced goes", prune_once, prune, is_compacted, is_compacted,
           Task::History::kOtherStates, true}};
}

std::vector<Task> restore_tasks() {
  const auto restore = [](const Place& p) {
    return Words{"restore", p.database(), "--at", "3", "-o", p.file("out"), "-q"};
  };
  return {
      to_output("restore", restore),
      to_output("restore over a file", restore, true),
      {"restore in place", nothing,
       [](const Place& p) {
         return Words{"restore", p.database(), "--at", "3", "--in-place", "--force", "-q"};
       },
       is_last, has_third, Task::History::kSameStates},
      to_output("fork",
                [](const Place& p) {
                  return Words{"fork", p.database(), p.file("out"), "--at", "3", "-q"};
                }),
  };
}

std::vector<Task> archive_tasks() {
  const auto exported = [](const Place& p, const Words& more) {
    return with({"export", p.database(), "-o", p.file("out"), "-q"}, more);
  };
  const auto import = [](const Place& p) {
    return Words{"import", p.file("in"), p.file("out"), "-q"};
  };
  const auto prepared = [](const Words& format) {
    return [=](const Place& p) {
      (void)said(with({"export", p.database(), "--at", "3", "-o", p.file("in"), "-q"}, format));
    };
  };
  std::vector<Task> tasks = {
      to_output("export", [=](const Place& p) { return exported(p, {}); }),
      to_output(
          "export over a file",
          [=](const Place& p) {
            return exported(p, {"--compress", "zstd"});
          },
          true),
      to_output("export ltx",
                [=](const Place& p) {
                  return exported(p, {"--format", "ltx", "--at", "5", "--compress", "zstd"});
                }),
      to_output("export sql",
                [=](const Place& p) {
                  return exported(p, {"--format", "sql"});
                }),
  };
  const std::pair<const char*, Words> kinds[] = {{"import of a database", {}},
                                                 {"import of an archive", {"--compress", "zstd"}},
                                                 {"import of ltx", {"--format", "ltx"}},
                                                 {"import of sql", {"--format", "sql"}}};
  for (const auto& [name, format] : kinds) {
    Task task = to_output(name, import);
    task.prepare = prepared(format);
    task.is_new = [task](const Place& p) { return is(p.file("out"), good_output(task)); };
    tasks.push_back(task);
  }
  tasks.push_back({"import over a database", prepared({}),
                   [](const Place& p) {
                     return Words{"import", p.file("in"), p.database(), "--force", "-q"};
                   },
                   is_last, has_third});
  return tasks;
}

std::vector<Task> ltx_tasks() {
  const auto to = [](const char* command, const Words& more) {
    return [=](const Place& p) {
      Words words = {"ltx", command, p.segment(), "-o", p.file("out"), "-q"};
      return with(words, more);
    };
  };
  return {
      to_output("ltx apply, a new database",
                [](const Place& p) {
                  return Words{"ltx", "apply", p.segment(), "-d", p.file("out"), "-q"};
                }),
      to_output("ltx compact", to("compact", {})),
      to_output("ltx compact over a file", to("compact", {"--to", "v2"}), true),
      to_output("ltx extract", to("extract", {"--page", "2", "--txid", "1"})),
      to_output("ltx encode",
                [](const Place& p) {
                  return Words{"ltx",         "encode",      p.database(),           "-o",
                               p.file("out"), "--timestamp", "2026-01-01T00:00:00Z", "-q"};
                }),
  };
}

// SQLite plays back the journal that an interrupted writer has left.
void open_all(const Place& place) {
  for (const std::string& path : {place.database(), place.file("out")}) {
    if (!fs::exists(path + "-journal")) continue;
    CHECK(SqliteSession(path).value("PRAGMA integrity_check") == "ok");
  }
}

// Every file of the history, as it is.
std::map<std::string, Buffer> history_files_of(const std::string& directory) {
  std::map<std::string, Buffer> all;
  for (const auto& entry : fs::recursive_directory_iterator(directory + "/.litetool")) {
    if (!entry.is_regular_file()) continue;
    all[entry.path().string().substr(directory.size())] = read_file(entry.path());
  }
  return all;
}

void check_history(const Place& place, const Task& task) {
  if (task.history == Task::History::kUntouched) {
    const bool same =
        history_files_of(place.file("data")) == history_files_of(watched().directory());
    CHECK(same);
    return;
  }
  const Said verified = say({"ltx", "verify", "--deep", place.history(), "-q"});
  INFO(verified.out << verified.err);
  CHECK(verified.code == kExitDone);
  if (task.history == Task::History::kOtherStates) return;
  const bool same = states_in_history(place.file("data"), "app.db") == watched().states();
  CHECK(same);
}

// Files that whoever was killed could not remove; their names say whose they are.
bool is_temporary(const std::string& name) {
  return name.starts_with("tmp/") || name.find(".tmp") != std::string::npos ||
         name.ends_with(".new");
}

void check_files(const std::set<std::string>& before, const std::set<std::string>& after,
                 bool was_killed) {
  for (const std::string& name : after) {
    if (before.contains(name) || name == "out" || name.starts_with("data/.litetool/")) continue;
    if (was_killed && (is_temporary(name) || name.find("-journal") != std::string::npos)) continue;
    FAIL_CHECK("left behind: " << name);
  }
}

// Replaced files stay for readers that have listed them.
constexpr std::int64_t kLongerThanReadersNeedMs = 20 * 60'000;

// False when the effect that should have failed did not come any more.
bool play(const Task& task, const Trouble& trouble, std::uint64_t at) {
  const Place place;
  task.prepare(place);
  const std::set<std::string> before = place.files();
  UnsyncedEnv disk(posix_env(), place.file("attic"));
  disk.random.seed(static_cast<std::uint32_t>(at));
  disk.clock_ahead_ms = kLongerThanReadersNeedMs;
  FaultEnv env(disk, at, trouble.fault);
  const Said said_then = say(task.words(place), env);
  INFO("exit " << said_then.code << ": " << said_then.err);
  const bool hit = env.effects() >= at;
  const bool done = said_then.code == kExitDone;
  CHECK((done || hit));
  if (trouble.fault == Fault::kDiskFull && !done) CHECK(said_then.code == kExitDiskFull);
  if (trouble.lost != Lost::kNothing) disk.cut(trouble.lost);
  if (!trouble.is_death()) check_files(before, place.files(), false);
  open_all(place);
  const bool is_new = task.is_new(place);
  const bool is_old = task.is_old(place);
  CHECK((is_new || is_old));
  CHECK((is_new || !done));
  check_history(place, task);
  if (!is_new || task.can_repeat) {
    // Whatever the first try has left unsynced, what the second one says is on the disk.
    const Said second = say(task.words(place), disk);
    INFO("again: exit " << second.code << ": " << second.err);
    CHECK(second.code == kExitDone);
    disk.cut(Lost::kAll);
  }
  CHECK(task.is_new(place));
  check_history(place, task);
  check_files(before, place.files(), trouble.is_death());
  return hit;
}

void play_all(const std::vector<Task>& tasks, const Trouble& trouble) {
  for (const Task& task : tasks) {
    for (std::uint64_t at = 1;; ++at) {
      INFO(task.name << ": " << trouble.name << " at effect " << at);
      REQUIRE(at < 400);
      if (!play(task, trouble, at)) break;
    }
  }
}

}  // namespace

TEST_CASE("whatever effect of it fails, a command has done its work or nothing", "[crash]") {
  const auto tasks = GENERATE(tag_tasks, history_tasks, restore_tasks, archive_tasks, ltx_tasks);
  const Trouble trouble = GENERATE(from_range(troubles()));
  play_all(tasks(), trouble);
}

}  // namespace litetool::test
