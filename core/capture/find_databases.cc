#include "core/capture/find_databases.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "core/capture/file_name.h"
#include "core/history/layout.h"
#include "core/os/atomic_file.h"
#include "core/os/ordered_pipeline.h"
#include "formats/sqlite/file_header.h"

namespace litetool {
namespace {

constexpr int kMaxDepth = 64;

// They wait for the disk, not for a processor: a cold one answers eight at once in the time of one.
constexpr unsigned kReaders = 8;

constexpr std::size_t kBatchSize = 64;

bool holds_database(Env& env, int dir, const std::string& path) {
  const auto file = env.open(dir, path, OpenMode::kRead);
  if (!file) return false;
  std::array<std::byte, kFileMagicSize> magic{};
  const auto n = (*file)->read_at(magic, 0);
  if (!n) return false;
  if (*n == 0) return env.stat(dir, path + "-wal").ok();
  return is_database(Bytes(magic).first(*n));
}

using Paths = std::vector<std::string>;

// Some entries of one folder, and what they turned out to be.
struct Batch {
  Paths entries;
  Paths folders;
  Paths databases;
};

void look_at(Env& env, int dir, Batch& batch) {
  batch.folders.clear();
  batch.databases.clear();
  for (std::string& path : batch.entries) {
    const auto st = env.lstat(dir, path);
    if (!st) continue;
    if (S_ISDIR(st->st_mode)) {
      batch.folders.push_back(std::move(path));
    } else if (S_ISREG(st->st_mode) && classify_file(path).role == FileRole::kDatabase &&
               !target_of_unfinished(path) && holds_database(env, dir, path)) {
      batch.databases.push_back(std::move(path));
    }
  }
}

// The entries of a row of folders, batch by batch; one folder's names are held at a time.
class Entries {
 public:
  Entries(Env& env, int dir, const Paths& folders) : env_(env), dir_(dir), folders_(folders) {}

  bool next(Paths& entries) {
    while (at_ == names_.size()) {
      if (folder_ == folders_.size()) return false;
      list(folders_[folder_++]);
    }
    const std::size_t n = std::min(kBatchSize, names_.size() - at_);
    const auto first = names_.begin() + static_cast<std::ptrdiff_t>(at_);
    entries.assign(std::move_iterator(first),
                   std::move_iterator(first + static_cast<std::ptrdiff_t>(n)));
    at_ += n;
    return true;
  }

 private:
  void list(const std::string& folder) {
    at_ = 0;
    auto names = env_.list(dir_, folder.empty() ? "." : folder);
    names_ = names ? *std::move(names) : Paths();
    if (folder.empty()) {
      std::erase(names_, kHistoryFolder);
    } else {
      for (std::string& name : names_) name.insert(0, folder + "/");
    }
  }

  Env& env_;
  const int dir_;
  const Paths& folders_;
  std::size_t folder_ = 0;
  Paths names_;
  std::size_t at_ = 0;
};

}  // namespace

void find_databases(Env& env, int dir, const std::atomic<bool>& stop,
                    const std::function<void(const std::string& path)>& found) {
  Paths folders = {""};
  for (int depth = 0; depth <= kMaxDepth && !folders.empty(); ++depth) {
    Entries entries(env, dir, folders);
    Paths deeper;
    OrderedPipeline<Batch> pipeline(kReaders);
    // Nothing here fails: what cannot be read is passed over.
    (void)pipeline.run(
        [&](Batch& batch) -> Result<bool> { return !stop && entries.next(batch.entries); },
        [&](Batch& batch) -> Status {
          if (!stop) look_at(env, dir, batch);
          return {};
        },
        [&](Batch& batch) -> Status {
          if (stop) return {};
          std::ranges::for_each(batch.databases, found);
          std::ranges::move(batch.folders, std::back_inserter(deeper));
          return {};
        });
    folders = std::move(deeper);
  }
}

}  // namespace litetool
