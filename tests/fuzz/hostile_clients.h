// Clients of one database that do whatever a script says, and tell a capture of it as the mount
// would: pages, logs, journals and wal-indexes with checksums that are right, or any bytes at all.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "core/capture/database.h"
#include "core/capture/file_name.h"
#include "tests/fuzz/script.h"
#include "tests/support/memory_env.h"

namespace litetool {

// Whoever writes to a file changes its times, and time goes by.
class ClockedEnv : public test::MemoryEnv {
 public:
  std::map<std::string, long> changes;  // of files, by path
  std::int64_t now = 1'800'000'000'000;

  Result<struct stat> stat(int dir, const std::string& path) override {
    LT_ASSIGN(struct stat st, test::MemoryEnv::stat(dir, path));
    if (const auto changed = changes.find(path); changed != changes.end()) {
      st.st_mtim.tv_nsec = changed->second;
    }
    return st;
  }
  std::int64_t now_ms() override { return now; }
};

class HostileClients {
 public:
  static constexpr const char* kName = "a.db";

  HostileClients(ClockedEnv& env, const CaptureContext& context);

  // One step of the script.
  void act(Script& script);
  // The daemon is killed.
  void kill();
  Database& database() { return *database_; }

 private:
  struct Open {
    bool is_open = false;
    bool sees_writes = false;
  };

  static std::string path_of(FileRole role);
  Open& open_of(FileRole role) { return open_[static_cast<std::size_t>(role)]; }
  Bytes content(FileRole role) const;
  std::uint32_t page_size() const { return page_size_; }

  void start();
  // 1: well, 2: with the machine.
  void end(unsigned how);
  void open(FileRole role, bool sees_writes);
  void close(FileRole role);
  void write(FileRole role, std::uint64_t offset, Bytes bytes);
  void resize(FileRole role, std::uint64_t size);
  void remove(FileRole role);
  void sync(FileRole role);

  void write_page(Script& script);
  void begin_log(Script& script);
  void append_frame(Script& script);
  void publish(Script& script);
  void begin_journal(Script& script);
  void append_record(Script& script);
  Buffer page(Script& script, Pgno pgno) const;

  ClockedEnv& env_;
  const CaptureContext& context_;
  std::unique_ptr<Database> database_;
  std::array<Open, 4> open_;
  std::uint32_t page_size_ = 512;
};

}  // namespace litetool
