// An Env that lets the k-th effect on the disk fail, or all from there on, or ends the process
// there: what a full disk, a bad one, a kill and a power cut look like to the code above. Reads
// always work. Thread-safe.
#pragma once

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/os/env.h"

namespace litetool::test {

class FaultEnv : public Env {
 public:
  enum class Fault {
    kDiskFull,       // one effect
    kDiskStaysFull,  // all that need room from there on
    kIoError,        // one effect
    kDead,           // all from there on
    kKill,
  };
  static constexpr int kKilled = 99;  // exit code of a process that was ended

  // Effects are counted from 1; `at` 0 lets all of them pass.
  FaultEnv(Env& real, std::uint64_t at, Fault fault) : real_(real), at_(at), fault_(fault) {}

  std::uint64_t effects() const { return count_; }

  Result<std::unique_ptr<File>> open(int dir, const std::string& path, OpenMode how,
                                     unsigned mode) override {
    if (how == OpenMode::kCreate || how == OpenMode::kCreateNew) LT_TRY(effect());
    LT_ASSIGN(auto file, real_.open(dir, path, how, mode));
    return std::unique_ptr<File>(std::make_unique<FaultFile>(*this, std::move(file)));
  }
  Result<std::unique_ptr<File>> open_direct(int dir, const std::string& path,
                                            const File& synced) override {
    LT_TRY(effect());
    LT_ASSIGN(auto file, real_.open_direct(dir, path, synced));
    return std::unique_ptr<File>(std::make_unique<FaultFile>(*this, std::move(file)));
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
    LT_TRY(effect());
    return real_.make_dirs(dir, path, mode);
  }
  Status rename(int dir, const std::string& from, const std::string& to) override {
    LT_TRY(effect());
    return real_.rename(dir, from, to);
  }
  Status rename_new(int dir, const std::string& from, const std::string& to) override {
    LT_TRY(effect());
    return real_.rename_new(dir, from, to);
  }
  // Removing is how code cleans up after a fault, so it only ever fails with the disk or the
  // process as a whole.
  Status unlink(int dir, const std::string& path) override {
    if (fault_ == Fault::kKill || fault_ == Fault::kDead) LT_TRY(effect());
    return real_.unlink(dir, path);
  }
  Status remove_dir(int dir, const std::string& path) override {
    LT_TRY(effect(Needs::kNoRoom));
    return real_.remove_dir(dir, path);
  }
  Status sync_dir(int dir, const std::string& path) override {
    LT_TRY(effect());
    return real_.sync_dir(dir, path);
  }
  std::int64_t now_ms() override { return real_.now_ms(); }
  Result<std::string> boot_id() override { return real_.boot_id(); }

 private:
  class FaultFile : public File {
   public:
    FaultFile(FaultEnv& env, std::unique_ptr<File> real) : env_(env), real_(std::move(real)) {}
    Result<std::size_t> read_at(MutableBytes out, std::uint64_t offset) const override {
      return real_->read_at(out, offset);
    }
    std::uint64_t size() const override { return real_->size(); }
    // What is interrupted leaves half of its bytes behind.
    Status write_at(Bytes b, std::uint64_t offset) override {
      if (env_.is_next()) (void)real_->write_at(b.first(b.size() / 2), offset);
      LT_TRY(env_.effect());
      return real_->write_at(b, offset);
    }
    Status append(const std::vector<Bytes>& pieces) override {
      if (env_.is_next() && !pieces.empty()) {
        (void)real_->append({pieces[0].first(pieces[0].size() / 2)});
      }
      LT_TRY(env_.effect());
      return real_->append(pieces);
    }
    Status truncate(std::uint64_t size) override {
      LT_TRY(env_.effect(Needs::kNoRoom));
      return real_->truncate(size);
    }
    Status sync() override {
      LT_TRY(env_.effect());
      return real_->sync();
    }
    Status close() override { return real_->close(); }
    Result<struct stat> stat() const override { return real_->stat(); }
    void advise_sequential() const override { real_->advise_sequential(); }
    Result<bool> clone_from(const File& from) override {
      LT_TRY(env_.effect());
      return real_->clone_from(from);
    }
    int fd() const override { return real_->fd(); }

   private:
    FaultEnv& env_;
    std::unique_ptr<File> real_;
  };

  enum class Needs { kRoom, kNoRoom };
  bool is_next() const { return count_ + 1 == at_; }
  Status effect(Needs needs = Needs::kRoom) {
    const std::uint64_t number = ++count_;
    if (at_ == 0 || number < at_) return {};
    const bool full = fault_ == Fault::kDiskFull || fault_ == Fault::kDiskStaysFull;
    const bool lasts =
        fault_ == Fault::kDead || (fault_ == Fault::kDiskStaysFull && needs == Needs::kRoom);
    if (number > at_ && !lasts) return {};
    if (fault_ == Fault::kKill) ::_exit(kKilled);
    return Error::from_errno(full ? ENOSPC : EIO, "write (injected)");
  }

  Env& real_;
  const std::uint64_t at_;
  const Fault fault_;
  std::atomic<std::uint64_t> count_ = 0;
};

}  // namespace litetool::test
