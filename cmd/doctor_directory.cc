// The checks of 'litetool doctor' that are about one directory.
#include <fcntl.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>

#include "cmd/doctor_checks.h"
#include "cmd/history_place.h"
#include "cmd/point_args.h"
#include "core/capture/find_databases.h"
#include "core/config/config_file.h"
#include "core/history/checksums_file.h"
#include "core/history/layout.h"
#include "core/ltx/database_lock.h"
#include "core/os/mount_table.h"
#include "core/os/unique_fd.h"
#include "core/source/history_summary.h"
#include "formats/base/text.h"
#include "formats/sqlite/file_header.h"
#include "fuse/mount_guard.h"

namespace litetool {
namespace {

constexpr std::uint64_t kLittleSpace = std::uint64_t{256} << 20;

class DirectoryCheck {
 public:
  DirectoryCheck(Context& context, const std::string& directory, Findings& findings)
      : context_(context), directory_(directory), findings_(findings) {}

  void run() {
    if (!is_usable()) return;
    check_file_system();
    auto named = named_histories(context_, directory_);
    is_mounted_ = named ? named->is_mounted : mount_at(directory_).has_value();
    if (!is_mounted_) check_openers();
    check_databases();
    if (named) {
      check_space(named->history);
      check_configuration(named->history);
      check_histories(named->history);
    } else if (named.error().code == Errc::kNotFound) {
      check_space(directory_);
      ok("history", "none yet: 'litetool mount " + directory_ + "' begins one");
    } else {
      problem("history", named.error().text(), "see the message");
    }
  }

 private:
  void ok(const char* check, std::string says) {
    findings_.push_back({Severity::kOk, check, std::move(says), ""});
  }
  void warning(const char* check, std::string says, std::string remedy) {
    findings_.push_back({Severity::kWarning, check, std::move(says), std::move(remedy)});
  }
  void problem(const char* check, std::string says, std::string remedy) {
    findings_.push_back({Severity::kProblem, check, std::move(says), std::move(remedy)});
  }

  bool is_usable() {
    if (is_dead_mount(directory_)) {
      problem("mount", "a daemon died here and left its mount",
              "'litetool unmount " + directory_ + "', or mount it again");
      return false;
    }
    const auto st = context_.env.stat(kCwd, directory_);
    if (!st || !S_ISDIR(st->st_mode)) {
      problem("directory", st ? "it is no directory" : st.error().text(), "name a directory");
      return false;
    }
    if (::access(directory_.c_str(), R_OK | W_OK | X_OK) != 0) {
      problem("directory", "you may not read and write it",
              "run as its owner, or give yourself the permissions");
      return false;
    }
    ok("directory", directory_ + " can be read and written");
    return true;
  }

  // Locks and mappings of the file system beneath are what SQLite relies on.
  void check_file_system() {
    constexpr std::array<std::pair<unsigned long, const char*>, 5> kRemote = {{
        {0x6969, "NFS"},
        {0xff534d42, "CIFS"},
        {0xfe534d42, "SMB"},
        {0x01021997, "9p"},
        {0x00c36400, "Ceph"},
    }};
    struct statfs fs {};
    if (::statfs(directory_.c_str(), &fs) != 0) return;
    for (const auto& [magic, name] : kRemote) {
      if (static_cast<unsigned long>(fs.f_type) != magic) continue;
      warning("file system", std::string(name) + " is a network file system",
              "SQLite in WAL mode needs a local one");
      return;
    }
  }

  void check_openers() {
    const UniqueFd root(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root.valid()) return;
    const Status free = refuse_open_databases(context_.env, root.get(), directory_, context_.stop);
    if (free) return;
    warning("openers", free.error().text(), "end these programs before you mount the directory");
  }

  void check_space(const std::string& folder) {
    struct statvfs fs {};
    if (::statvfs(folder.c_str(), &fs) != 0) return;
    const std::uint64_t available = std::uint64_t{fs.f_bavail} * fs.f_frsize;
    const std::string says = human_size(available) + " are free for the history";
    if (available >= kLittleSpace) return ok("space", says);
    warning("space", says, "make room, or lower retention.size_cap");
  }

  void check_configuration(const std::string& history) {
    Settings settings;
    const std::string file = history + "/config.toml";
    auto mistakes = check_config(context_.env, file, settings);
    if (!mistakes && mistakes.error().code == Errc::kNotFound) return;
    if (!mistakes) return problem("configuration", mistakes.error().text(), "see the message");
    for (const std::string& mistake : *mistakes) {
      problem("configuration", mistake, "see litetool.toml(5)");
    }
    if (mistakes->empty()) ok("configuration", file);
  }

  void check_databases() {
    const UniqueFd root(::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root.valid()) return;
    std::size_t count = 0;
    find_databases(context_.env, root.get(), context_.stop, [&](const std::string& path) {
      ++count;
      check_database(root.get(), path);
    });
    ok("databases", grouped(count) + (count == 1 ? " database" : " databases"));
  }

  void check_database(int root, const std::string& path) {
    const auto file = context_.env.open(root, path, OpenMode::kRead);
    std::array<std::byte, kFileHeaderSize> first{};
    const auto n = file ? (*file)->read_at(first, 0) : Result<std::size_t>(0);
    if (!n || *n == 0) return;
    const auto header = decode_file_header(Bytes(first).first(*n));
    if (!header) {
      problem("database", printable(path) + ": " + header.error().text(),
              "'litetool inspect' says more, 'litetool restore' brings it back");
      return;
    }
    if (header->wal() && has_wal_reset_bug(header->sqlite_version)) {
      warning("database", printable(path) + " was written by a SQLite with the WAL-reset bug",
              "update the program that writes it");
    }
    const auto journal = has_open_journal(context_.env, root, path);
    if (!is_mounted_ && journal && *journal) {
      warning("database", printable(path) + " was left in the middle of a transaction",
              "open it once with sqlite3, which rolls it back");
    }
  }

  void check_histories(const std::string& history) {
    const std::string folders = history + "/db";
    const auto names = context_.env.list(kCwd, folders);
    if (!names) return;
    std::uint64_t bytes = 0;
    for (const std::string& name : *names) {
      const auto summary = summarize_history(context_.env, folders + "/" + name, Look::kEveryImage);
      const std::string database = printable(unescape_path(name).value_or(name));
      if (!summary) {
        problem("history", database + ": " + summary.error().text(),
                "'litetool ltx verify " + folders + "/" + name + "' says more");
        continue;
      }
      bytes += summary->bytes;
      check_history(database, *summary);
      check_clean_stop(database, folders + "/" + name);
    }
    ok("history", grouped(names->size()) + (names->size() == 1 ? " history, " : " histories, ") +
                      human_size(bytes) + (is_mounted_ ? ", mounted" : ", not mounted"));
  }

  void check_history(const std::string& database, const HistorySummary& summary) {
    constexpr std::int64_t kMinuteMs = 60'000;
    if (summary.quarantined > 0) {
      warning("history",
              database + ": " + grouped(summary.quarantined) +
                  " pieces could not be trusted and were set aside",
              "look at quarantine in its folder; 'litetool audit' compares what there is");
    }
    if (summary.last && summary.last->timestamp_ms > context_.env.now_ms() + kMinuteMs) {
      warning("clock",
              database + " has a transaction of " + local_time_text(summary.last->timestamp_ms) +
                  ", which is yet to come",
              "set the clock");
    }
  }

  // Nothing is lost with it but time.
  void check_clean_stop(const std::string& database, const std::string& folder) {
    const auto stop = read_clean_stop(context_.env, kCwd, folder);
    if (stop || stop.error().code != Errc::kCorrupt) return;
    warning("history",
            database + ": what the last stop left cannot be trusted: " + stop.error().text(),
            "nothing to do: the next mount reads the whole database instead");
  }

  Context& context_;
  const std::string& directory_;
  Findings& findings_;
  bool is_mounted_ = false;
};

}  // namespace

void check_directory(Context& context, const std::string& directory, Findings& findings) {
  DirectoryCheck(context, directory, findings).run();
}

}  // namespace litetool
