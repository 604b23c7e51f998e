// A directory that is gone at the end of the test, and whole files in and out of memory.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "formats/base/bytes.h"
#include "formats/base/result.h"

namespace litetool::test {

class TempDir {
 public:
  explicit TempDir(const std::filesystem::path& parent = std::filesystem::temp_directory_path())
      : path_((parent / "litetool-test-XXXXXX").string()) {
    LT_CHECK(::mkdtemp(path_.data()) != nullptr);
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

// Where to make one that is in memory, on machines that have such a place: for thousands of files
// that are synced, each by itself.
inline std::filesystem::path memory_directory() {
  const std::filesystem::path memory = "/dev/shm";
  return std::filesystem::is_directory(memory) ? memory : std::filesystem::temp_directory_path();
}

inline std::string text_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  LT_CHECK(in.good());
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline Buffer read_file(const std::string& path) {
  const std::string text = text_of(path);
  const Bytes b = as_bytes(text);
  return {b.begin(), b.end()};
}

inline void write_file(const std::string& path, Bytes b) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(reinterpret_cast<const char*>(b.data()), static_cast<std::streamsize>(b.size()));
  out.close();
  LT_CHECK(out.good());
}

}  // namespace litetool::test
