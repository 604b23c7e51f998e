// Which commands give up their rights, and what is left to them.
#include "cmd/confinement.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <set>

#include "cmd/registry.h"
#include "core/os/sandbox.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

TEST_CASE("each command that reads files says what it does with each") {
  const std::set<std::string> free = {"mount",       "unmount", "status",
                                      "doctor",      "keygen",  "config check",
                                      "config show", "version", "completion"};
  for (const Command& command : commands()) {
    const ArgSpec spec = command.spec();
    INFO(command.name);
    REQUIRE(spec.paths.empty() == (free.count(command.name) != 0));
    if (spec.paths.empty()) continue;
    const auto is_said = [&](const std::string& argument) {
      return std::ranges::find(spec.paths, argument, &PathSpec::argument) != spec.paths.end();
    };
    for (const FlagSpec& flag : spec.flags) {
      const bool is_path = flag.complete != Complete::kNothing || flag.value_name == "FILE";
      INFO(flag.name);
      CHECK(is_said(flag.name) == is_path);
    }
    for (const PositionalSpec& positional : spec.positionals) {
      INFO(positional.name);
      CHECK(is_said(positional.name) == (positional.complete != Complete::kNothing));
    }
  }
}

// The exit code of a child process that has done what main() does before the command runs: what
// `look` returns.
int confined(const std::vector<std::string>& words, const std::function<int()>& look) {
  const int child = ::fork();
  if (child == 0) {
    static const std::atomic<bool> never{false};
    Output out(stdout, stderr, false, false);
    Context context{out, posix_env(), never};
    const auto match = find_command(words);
    const ArgSpec spec = full_spec(*match->command);
    const auto args =
        parse_args(spec, {words.begin() + static_cast<std::ptrdiff_t>(match->words), words.end()});
    if (!args) ::_exit(100);
    int code = 101;
    {
      const auto confinement = Confinement::enter(spec, *args, context);
      if (confinement) code = look();
    }
    ::_exit(code);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

bool can_open(const std::string& path, int flags = O_RDONLY) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
  return file >= 0;
}

// A directory with a history, and one beside it.
struct Place {
  Place() {
    for (const char* name : {"data", "data/.litetool", "data/.litetool/db",
                             "data/.litetool/db/app.db", "other", "out", "tmp"}) {
      REQUIRE(::mkdir(temp.file(name).c_str(), 0755) == 0);
    }
    for (const char* name : {"data/app.db", "data/.litetool/db/app.db/marks", "other/file"}) {
      write_file(temp.file(name), as_bytes("text"));
    }
    ::setenv("TMPDIR", temp.file("tmp").c_str(), 1);
  }
  ~Place() { ::unsetenv("TMPDIR"); }
  std::string at(const char* name) const { return temp.file(name); }
  TempDir temp;
};

TEST_CASE("a confined command reads its inputs, writes its output, and has a folder for itself") {
  const Place place;
  const bool can_forbid = landlock_version() != 0;
  if (!can_forbid) WARN("SKIP: what a confined command cannot do: this kernel has no Landlock");
  const int failed =
      confined({"restore", place.at("data/app.db"), "-o", place.at("out/new.db")}, [&] {
        if (!can_open(place.at("data/app.db"))) return 1;
        if (!can_open(place.at("data/.litetool/db/app.db/marks"))) return 2;
        if (!can_open(place.at("out/new.db.tmp"), O_CREAT | O_RDWR)) return 3;
        const std::string own = std::getenv("TMPDIR");
        if (own == place.at("tmp") || !own.starts_with(place.at("tmp"))) return 4;
        if (!can_open(own + "/x", O_CREAT | O_RDWR)) return 5;
        if (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1) return 6;
        if (!can_forbid) return 0;
        if (can_open(place.at("other/file"))) return 7;
        if (can_open(place.at("data/app.db"), O_RDWR)) return 8;
        if (can_open(place.at("tmp/x"), O_CREAT | O_RDWR)) return 9;
        if (can_open("/etc/passwd")) return 10;
        return 0;
      });
  CHECK(failed == 0);
  CHECK(std::filesystem::is_empty(place.at("tmp")));
}

TEST_CASE("a command that changes a database may, and its history") {
  const Place place;
  for (const std::vector<std::string>& words :
       {std::vector<std::string>{"restore", place.at("data/app.db"), "--in-place"},
        std::vector<std::string>{"tag", place.at("data/app.db"), "add", "x"}}) {
    CHECK(confined(words, [&] {
            if (!can_open(place.at("data/app.db"), O_RDWR)) return 1;
            if (!can_open(place.at("data/.litetool/db/app.db/tags"), O_CREAT | O_RDWR)) return 2;
            if (landlock_version() == 0) return 0;
            return can_open(place.at("other/file")) ? 3 : 0;
          }) == 0);
  }
}

TEST_CASE("a command without files is not confined") {
  CHECK(confined({"version"}, [] {
          return ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 0 && can_open("/etc/passwd") ? 0 : 1;
        }) == 0);
}

}  // namespace
}  // namespace litetool::test
