// An Env without a disk: a folder is what the paths of files say. For readers that are given bytes
// by the thousand. Not thread-safe.
#pragma once

#include <algorithm>
#include <cerrno>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/os/env.h"

namespace litetool::test {

class MemoryEnv : public Env {
 public:
  std::map<std::string, std::shared_ptr<Buffer>> files;  // by their whole paths
  std::string boot = "this run";

  void put(const std::string& path, Bytes bytes) {
    files[path] = std::make_shared<Buffer>(bytes.begin(), bytes.end());
  }
  // Null where there is no such file.
  const Buffer* find(const std::string& path) const {
    const auto file = files.find(path);
    return file == files.end() ? nullptr : file->second.get();
  }

  Result<std::unique_ptr<File>> open(int, const std::string& path, OpenMode how,
                                     unsigned) override {
    const bool creates = how == OpenMode::kCreate || how == OpenMode::kCreateNew;
    auto& bytes = files[path];
    if (bytes && how == OpenMode::kCreateNew) return Error::from_errno(EEXIST, "open " + path);
    if (!bytes && !creates) {
      files.erase(path);
      return missing(path);
    }
    if (!bytes) bytes = std::make_shared<Buffer>();
    return std::unique_ptr<File>(std::make_unique<OpenFile>(bytes));
  }
  Result<std::unique_ptr<File>> open_direct(int, const std::string& path, const File&) override {
    return Error(Errc::kUnsupported, path + " is in memory");
  }
  Result<struct stat> stat(int, const std::string& path) override {
    const auto file = files.find(path);
    if (file != files.end()) return stat_of(*file->second);
    if (names_below(path).empty()) return missing(path);
    struct stat st = {};
    st.st_mode = S_IFDIR | 0700;
    return st;
  }
  Result<struct stat> lstat(int dir, const std::string& path) override { return stat(dir, path); }
  Result<std::vector<std::string>> list(int, const std::string& path) override {
    std::vector<std::string> names = names_below(path);
    if (names.empty()) return missing(path);
    return names;
  }
  Status make_dirs(int, const std::string&, unsigned) override { return {}; }
  // Of files alone.
  Status rename(int, const std::string& from, const std::string& to) override {
    auto file = files.extract(from);
    if (file.empty()) return missing(from);
    files.erase(to);
    file.key() = to;
    files.insert(std::move(file));
    return {};
  }
  Status rename_new(int dir, const std::string& from, const std::string& to) override {
    if (files.contains(to)) return Error::from_errno(EEXIST, "rename " + to);
    return rename(dir, from, to);
  }
  Status unlink(int, const std::string& path) override {
    return files.erase(path) != 0 ? Status() : Status(missing(path));
  }
  Status remove_dir(int, const std::string&) override { return {}; }
  Status sync_dir(int, const std::string&) override { return {}; }
  std::int64_t now_ms() override { return 1'800'000'000'000; }
  Result<std::string> boot_id() override { return boot; }

 private:
  class OpenFile : public File {
   public:
    explicit OpenFile(std::shared_ptr<Buffer> bytes) : bytes_(std::move(bytes)) {}
    Result<std::size_t> read_at(MutableBytes out, std::uint64_t offset) const override {
      return MemorySource(*bytes_).read_at(out, offset);
    }
    std::uint64_t size() const override { return bytes_->size(); }
    Status write_at(Bytes b, std::uint64_t offset) override {
      if (offset + b.size() > bytes_->size()) LT_TRY(truncate(offset + b.size()));
      std::ranges::copy(b, bytes_->begin() + static_cast<std::ptrdiff_t>(offset));
      return {};
    }
    Status append(const std::vector<Bytes>& pieces) override {
      for (const Bytes piece : pieces) LT_TRY(write_at(piece, size()));
      return {};
    }
    Status truncate(std::uint64_t size) override {
      if (size > kLargest) return Error::from_errno(EFBIG, "truncate");
      bytes_->resize(size);
      return {};
    }
    Status sync() override { return {}; }
    Status close() override { return {}; }
    Result<struct stat> stat() const override { return stat_of(*bytes_); }
    void advise_sequential() const override {}
    int fd() const override { return -1; }

   private:
    static constexpr std::uint64_t kLargest = std::uint64_t{64} << 20;

    std::shared_ptr<Buffer> bytes_;
  };

  static Error missing(const std::string& path) {
    return Error::from_errno(ENOENT, "find " + path);
  }
  static struct stat stat_of(const Buffer& bytes) {
    struct stat st = {};
    st.st_mode = S_IFREG | 0600;
    st.st_size = static_cast<off_t>(bytes.size());
    return st;
  }
  std::vector<std::string> names_below(const std::string& folder) const {
    std::vector<std::string> names;
    for (const auto& [path, bytes] : files) {
      if (!path.starts_with(folder + "/")) continue;
      std::string name = path.substr(folder.size() + 1);
      name.resize(std::min(name.find('/'), name.size()));
      if (names.empty() || names.back() != name) names.push_back(std::move(name));
    }
    return names;
  }
};

}  // namespace litetool::test
