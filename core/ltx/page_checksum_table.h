// The checksum of every page of a database: 8 bytes a page, most of it in a temporary file once the
// database is large, so that memory stays bounded.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/os/atomic_file.h"
#include "formats/base/ids.h"

namespace litetool {

class PageChecksumTable {
 public:
  // The temporary file, where one is needed, stands beside `path`. `env` outlives this.
  PageChecksumTable(Env& env, std::string path) : env_(env), path_(std::move(path)) {}

  // Absent pages have none.
  Result<Checksum> get(Pgno pgno);
  Status set(Pgno pgno, Checksum checksum);
  void clear();

 private:
  static constexpr std::size_t kBlockEntries = 8192;
  static constexpr std::size_t kMaxBlocks = 256;  // 16 MiB
  struct Block {
    std::vector<std::uint64_t> entries;
    std::uint64_t last_use = 0;
    bool dirty = false;
  };
  Result<Block*> block_of(Pgno pgno);
  Status evict_one();
  Result<Block> load(std::uint64_t index);

  Env& env_;
  const std::string path_;
  std::map<std::uint64_t, Block> blocks_;
  std::optional<AtomicFile> spill_;
  std::uint64_t uses_ = 0;
};

}  // namespace litetool
