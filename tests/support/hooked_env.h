// An Env that tells which run of the machine it is, and lets a test act whenever bytes of a file
// are read, or a file is synced.
#pragma once

#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "tests/support/fault_env.h"

namespace litetool::test {

class HookedEnv : public FaultEnv {
 public:
  explicit HookedEnv(std::string boot_id = "this run", std::uint64_t fault_at = 0)
      : FaultEnv(posix_env(), fault_at, Fault::kKill), boot_id_(std::move(boot_id)) {}

  // Files share blocks, to all appearances: the bytes are copied.
  bool can_clone = false;
  // Called before each read, from the thread that reads, with path and size in bytes.
  std::function<void(const std::string&, std::size_t)> on_read;
  // The same before each sync.
  std::function<void(const std::string&)> on_sync;
  bool fails_sync = false;

  Result<std::string> boot_id() override { return boot_id_; }
  Result<std::unique_ptr<File>> open(int dir, const std::string& path, OpenMode how,
                                     unsigned mode) override {
    LT_ASSIGN(auto file, FaultEnv::open(dir, path, how, mode));
    return std::unique_ptr<File>(std::make_unique<HookedFile>(*this, path, std::move(file)));
  }

 private:
  class HookedFile : public File {
   public:
    HookedFile(const HookedEnv& env, std::string path, std::unique_ptr<File> real)
        : env_(env), path_(std::move(path)), real_(std::move(real)) {}
    Result<std::size_t> read_at(MutableBytes out, std::uint64_t offset) const override {
      if (env_.on_read) env_.on_read(path_, out.size());
      return real_->read_at(out, offset);
    }
    std::uint64_t size() const override { return real_->size(); }
    Status write_at(Bytes b, std::uint64_t offset) override { return real_->write_at(b, offset); }
    Status append(const std::vector<Bytes>& pieces) override { return real_->append(pieces); }
    Status truncate(std::uint64_t size) override { return real_->truncate(size); }
    Status sync() override {
      if (env_.on_sync) env_.on_sync(path_);
      if (env_.fails_sync) return Error::from_errno(EIO, "sync " + path_);
      return real_->sync();
    }
    Status close() override { return real_->close(); }
    Result<struct stat> stat() const override { return real_->stat(); }
    void advise_sequential() const override { real_->advise_sequential(); }
    Result<bool> clone_from(const File& from) override {
      if (!env_.can_clone) return false;
      Buffer bytes(from.size());
      LT_TRY(from.read_exact(bytes, 0));
      LT_TRY(real_->write_at(bytes, 0));
      return true;
    }
    int fd() const override { return real_->fd(); }

   private:
    const HookedEnv& env_;
    const std::string path_;
    std::unique_ptr<File> real_;
  };

  const std::string boot_id_;
};

}  // namespace litetool::test
