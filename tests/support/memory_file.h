// A read-only File that is bytes in memory.
#pragma once

#include "core/os/env.h"

namespace litetool {

class MemoryFile : public File {
 public:
  explicit MemoryFile(Buffer bytes) : bytes_(std::move(bytes)) {}
  Result<std::size_t> read_at(MutableBytes out, std::uint64_t offset) const override {
    return MemorySource(bytes_).read_at(out, offset);
  }
  std::uint64_t size() const override { return bytes_.size(); }
  Status write_at(Bytes, std::uint64_t) override { return refuse(); }
  Status append(const std::vector<Bytes>&) override { return refuse(); }
  Status truncate(std::uint64_t) override { return refuse(); }
  Status sync() override { return {}; }
  Status close() override { return {}; }
  Result<struct stat> stat() const override { return refuse(); }
  void advise_sequential() const override {}
  int fd() const override { return -1; }

 private:
  static Error refuse() { return Error(Errc::kFailed, "memory is only read"); }
  Buffer bytes_;
};

}  // namespace litetool
