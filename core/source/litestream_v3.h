// File replicas of Litestream 0.3: whole snapshots and pieces of write-ahead logs, no transactions.
//
//   generations/<16 hex>/snapshots/<index 8 hex>.snapshot.lz4            the database file
//   generations/<16 hex>/wal/<index 8 hex>_<offset 8-16 hex>.wal.lz4     bytes of the log at offset
//
// Each file is one LZ4 frame. The index counts logs; the pieces of a log follow each other without
// a hole. A snapshot is the database at some time of the log of its index: that log is replayed
// from its beginning, then the logs after it. The files' times are the only times there are.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/os/env.h"
#include "core/source/point.h"

namespace litetool {

struct V3File {
  std::string path;
  std::string generation;
  bool snapshot = false;
  std::uint64_t index = 0;
  std::uint64_t offset = 0;      // in the log, of a piece
  std::uint64_t size_bytes = 0;  // compressed
  std::int64_t time_ms = 0;
};

// All files with such names in a folder `generations`, by generation, index and offset, each
// snapshot before the log of its index. kNotFound when there is no snapshot.
Result<std::vector<V3File>> list_v3_files(Env& env, const std::string& generations);

// A snapshot and the pieces after it, in order. Whether pieces of one log are missing shows only
// when their sizes are known: V3Plan says where each must begin, restoring checks it.
struct V3Plan {
  std::vector<V3File> files;
  std::int64_t time_ms = 0;  // of the newest of them
};

// What makes the state at a point: the newest snapshot at or before it, of any generation, and all
// pieces after it that are not later. kUnsupported for transaction ids and "latest~5"; kNotFound
// for an instant before the first snapshot or in the future; kBrokenChain when a log is missing.
Result<V3Plan> plan_v3(const std::vector<V3File>& files, const Point& point, const Now& now);

}  // namespace litetool
