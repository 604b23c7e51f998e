// Where a run keeps its things, and chance.
#pragma once

#include <random>
#include <string>

namespace litetool::soak {

struct Place {
  std::string data;  // the mounted directory
  std::string logs;  // outside the mount

  std::string file(const std::string& database) const { return data + "/" + database; }
  std::string stem(const std::string& database) const { return logs + "/" + database; }
};

// Throws when the file cannot be asked for, as in a mount that is dead.
bool is_there(const std::string& path);
// False in a dead mount, where SQLite takes pages that it can read only in part for damaged ones.
bool can_be_opened(const std::string& directory);

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}
  int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(engine_); }
  bool one_in(int n) { return below(n) == 0; }
  template <typename T, std::size_t N>
  const T& of(const T (&choices)[N]) {
    return choices[static_cast<std::size_t>(below(static_cast<int>(N)))];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace litetool::soak
