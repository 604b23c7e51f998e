// An Env over real files that knows what of them a power cut would take: everything that was not
// synced. cut() takes it, once the code above has ended.
//
// Syncing costs nothing here; files that are written without this Env count as synced.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "core/os/env.h"
#include "core/os/paths.h"
#include "core/os/unique_fd.h"

namespace litetool::test {

// Of what was not synced, a power cut takes all, or what a disk that writes in its own order left.
enum class Lost : std::uint8_t { kNothing, kData, kNames, kAll, kSomeData };

class UnsyncedEnv : public Env {
 public:
  // `attic` is a folder of the same file system, for files whose names are gone.
  UnsyncedEnv(Env& real, std::string attic) : real_(real), attic_(std::move(attic)) {}

  std::int64_t clock_ahead_ms = 0;
  std::string boot = "this run";
  bool has_direct = true;  // the device may be written to past the page cache

  // Nothing may use the Env meanwhile. Can be repeated.
  void cut(Lost lost) {
    const std::lock_guard lock(mutex_);
    const bool some = lost == Lost::kSomeData;
    for (auto undo = undos_.rbegin(); undo != undos_.rend(); ++undo) {
      const bool takes_data = lost == Lost::kData || some;
      if (lost == Lost::kAll || (undo->of_name ? lost == Lost::kNames : takes_data)) undo->run();
    }
    for (const Undo& undo : undos_) {
      if (some && !undo.of_name) undo.some_again();
    }
    undos_.clear();
  }
  // What is drawn when a power cut takes some blocks of what was written, and leaves others.
  std::mt19937 random;

  Result<std::unique_ptr<File>> open(int dir, const std::string& path, OpenMode how,
                                     unsigned mode) override {
    const std::lock_guard lock(mutex_);
    const bool is_new = !real_.lstat(dir, path);
    LT_ASSIGN(auto file, real_.open(dir, path, how, mode));
    if (is_new) note_new_name(dir, path);
    return std::unique_ptr<File>(std::make_unique<UnsyncedFile>(*this, std::move(file)));
  }
  // A device that has a cache, and no room in it that would be kept without a sync.
  Result<std::unique_ptr<File>> open_direct(int dir, const std::string& path,
                                            const File&) override {
    const std::lock_guard lock(mutex_);
    if (!has_direct) return Error(Errc::kUnsupported, path + " cannot be written to directly");
    LT_ASSIGN(auto file, real_.open(dir, path, OpenMode::kReadWrite));
    return std::unique_ptr<File>(std::make_unique<UnsyncedFile>(*this, std::move(file), true));
  }
  Result<struct stat> stat(int dir, const std::string& path) override {
    return real_.stat(dir, path);
  }
  Result<struct stat> lstat(int dir, const std::string& path) override {
    return real_.lstat(dir, path);
  }
  Result<std::vector<std::string>> list(int dir, const std::string& path) override {
    return real_.list(dir, path);
  }
  Status make_dirs(int dir, const std::string& path, unsigned mode) override {
    const std::lock_guard lock(mutex_);
    for (std::size_t end = 0; end != std::string::npos;) {
      end = path.find('/', end + 1);
      const std::string part = path.substr(0, end);
      const bool is_new = !real_.lstat(dir, part);
      LT_TRY(real_.make_dirs(dir, part, mode));
      if (is_new) note_new_name(dir, part);
    }
    return {};
  }
  Status rename(int dir, const std::string& from, const std::string& to) override {
    const std::lock_guard lock(mutex_);
    const std::string old = keep(dir, to);
    LT_TRY(real_.rename(dir, from, to));
    add_name(dir, to, [old, now = whole(dir, to), was = whole(dir, from)] {
      (void)::rename(now.c_str(), was.c_str());
      if (!old.empty()) (void)::rename(old.c_str(), now.c_str());
    });
    return {};
  }
  Status rename_new(int dir, const std::string& from, const std::string& to) override {
    const std::lock_guard lock(mutex_);
    LT_TRY(real_.rename_new(dir, from, to));
    add_name(dir, to, [now = whole(dir, to), was = whole(dir, from)] {
      (void)::rename(now.c_str(), was.c_str());
    });
    return {};
  }
  Status unlink(int dir, const std::string& path) override {
    const std::lock_guard lock(mutex_);
    const std::string old = keep(dir, path);
    LT_TRY(real_.unlink(dir, path));
    add_name(dir, path,
             [old, was = whole(dir, path)] { (void)::rename(old.c_str(), was.c_str()); });
    return {};
  }
  Status remove_dir(int dir, const std::string& path) override {
    const std::lock_guard lock(mutex_);
    LT_TRY(real_.remove_dir(dir, path));
    add_name(dir, path, [was = whole(dir, path)] { (void)::mkdir(was.c_str(), 0700); });
    return {};
  }
  Status sync_dir(int dir, const std::string& path) override {
    const std::lock_guard lock(mutex_);
    LT_ASSIGN(const struct stat st, real_.stat(dir, path));
    forget(true, st.st_ino);
    return {};
  }
  std::int64_t now_ms() override { return real_.now_ms() + clock_ahead_ms; }
  Result<std::string> boot_id() override { return boot; }

 private:
  struct Undo {
    bool of_name;
    ino_t inode;  // of the file, or of the directory that has the name
    std::function<void()> run;
    std::function<void()> some_again = {};  // of data: a part of it is on the disk all the same
    bool direct = false;                    // in the device: safe with a sync of any file
  };

  class UnsyncedFile : public File {
   public:
    UnsyncedFile(UnsyncedEnv& env, std::unique_ptr<File> real, bool direct = false)
        : env_(env),
          real_(std::move(real)),
          direct_(direct),
          own_(std::make_shared<UniqueFd>(opened_again(real_->fd()))) {}
    Result<std::size_t> read_at(MutableBytes out, std::uint64_t offset) const override {
      return real_->read_at(out, offset);
    }
    std::uint64_t size() const override { return real_->size(); }
    Status write_at(Bytes b, std::uint64_t offset) override {
      const std::lock_guard lock(env_.mutex_);
      if (direct_) {
        LT_CHECK(offset % kDirectBlock == 0 && offset + b.size() <= size() &&
                 reinterpret_cast<std::uintptr_t>(b.data()) % kDirectBlock == 0);
      }
      LT_TRY(note(offset, b.size(), b));
      return real_->write_at(b, offset);
    }
    Status append(const std::vector<Bytes>& pieces) override {
      const std::lock_guard lock(env_.mutex_);
      Buffer bytes;
      for (const Bytes piece : pieces) bytes.insert(bytes.end(), piece.begin(), piece.end());
      LT_TRY(note(real_->size(), 0, bytes));
      return real_->append(pieces);
    }
    Status truncate(std::uint64_t size) override {
      const std::lock_guard lock(env_.mutex_);
      LT_TRY(note(size, SIZE_MAX, {}));
      env_.undos_.back().some_again = [&env = env_, own = own_, size] {
        if (env.random() % 2 == 0) (void)!::ftruncate(own->get(), static_cast<off_t>(size));
      };
      return real_->truncate(size);
    }
    Status sync() override {
      const std::lock_guard lock(env_.mutex_);
      LT_ASSIGN(const struct stat st, real_->stat());
      env_.forget(false, st.st_ino);
      std::erase_if(env_.undos_, [](const Undo& undo) { return undo.direct; });
      return {};
    }
    Status close() override { return real_->close(); }
    Result<struct stat> stat() const override { return real_->stat(); }
    void advise_sequential() const override { real_->advise_sequential(); }
    int fd() const override { return real_->fd(); }

   private:
    // By itself, so that locks end with the file that holds them.
    static int opened_again(int fd) {
      const std::string link = "/proc/self/fd/" + std::to_string(fd);
      return ::open(link.c_str(), O_RDWR | O_CLOEXEC);
    }
    // What is about to be overwritten, or cut off; and by what.
    Status note(std::uint64_t offset, std::size_t size, Bytes by) const {
      LT_ASSIGN(const struct stat st, real_->stat());
      const auto end = static_cast<std::uint64_t>(st.st_size);
      Buffer old(offset < end ? std::min<std::uint64_t>(end - offset, size) : 0);
      LT_TRY(real_->read_exact(old, offset));
      env_.undos_.push_back({false, st.st_ino,
                             [own = own_, old = std::move(old), offset, end] {
                               (void)!::ftruncate(own->get(), static_cast<off_t>(end));
                               (void)!::pwrite(own->get(), old.data(), old.size(),
                                               static_cast<off_t>(offset));
                             },
                             [&env = env_, own = own_, now = Buffer(by.begin(), by.end()), offset] {
                               some_blocks(env, own->get(), now, offset);
                             },
                             direct_});
      return {};
    }

    static void some_blocks(UnsyncedEnv& env, int fd, Bytes bytes, std::uint64_t offset) {
      while (!bytes.empty()) {
        const std::size_t n =
            std::min<std::size_t>(bytes.size(), kDirectBlock - offset % kDirectBlock);
        if (env.random() % 2 == 0) {
          (void)!::pwrite(fd, bytes.data(), n, static_cast<off_t>(offset));
        }
        bytes = bytes.subspan(n);
        offset += n;
      }
    }

    UnsyncedEnv& env_;
    std::unique_ptr<File> real_;
    const bool direct_;
    std::shared_ptr<UniqueFd> own_;  // the file, after it was closed
  };

  // The path as it is without the descriptor, which may be closed when it is needed.
  static std::string whole(int dir, const std::string& path) {
    if (dir == kCwd || path.starts_with('/')) return path;
    const std::string link = "/proc/self/fd/" + std::to_string(dir);
    return std::filesystem::read_symlink(link).string() + "/" + path;
  }
  // Several may use the attic, one after the other.
  std::string next_in_attic() {
    std::string path;
    do {
      path = attic_ + "/" + std::to_string(++kept_);
    } while (std::filesystem::exists(path));
    return path;
  }
  // A second name for a file that is about to lose its own; empty where there is none.
  std::string keep(int dir, const std::string& path) {
    const std::string kept = next_in_attic();
    return ::linkat(dir, path.c_str(), AT_FDCWD, kept.c_str(), 0) == 0 ? kept : "";
  }
  void note_new_name(int dir, const std::string& path) {
    add_name(dir, path, [now = whole(dir, path), kept = next_in_attic()] {
      (void)::rename(now.c_str(), kept.c_str());
    });
  }
  void add_name(int dir, const std::string& path, std::function<void()> undo) {
    const auto parent = real_.stat(dir, directory_of(path));
    LT_CHECK(parent.ok());
    undos_.push_back({true, parent->st_ino, std::move(undo)});
  }
  void forget(bool of_name, ino_t inode) {
    std::erase_if(undos_,
                  [&](const Undo& undo) { return undo.of_name == of_name && undo.inode == inode; });
  }

  Env& real_;
  const std::string attic_;
  std::mutex mutex_;
  std::vector<Undo> undos_;  // oldest first
  std::uint64_t kept_ = 0;
};

}  // namespace litetool::test
