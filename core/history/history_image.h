// Where one LTX image of a history is, and what its header and trailer say.
#pragma once

#include <cstdint>
#include <string>

#include "core/ltx/image_ref.h"
#include "formats/ltx/header.h"

namespace litetool {

struct HistoryImage {
  std::uint32_t file = 0;  // index into HistoryReader::files()
  std::uint32_t page_size = 0;
  std::uint64_t offset = 0;  // in that file
  std::uint64_t size = 0;    // bytes
  Txid min_txid;
  Txid max_txid;
  std::int64_t timestamp_ms = 0;
  Pgno commit = 0;
  Checksum pre_apply;
  Checksum post_apply;

  bool is_snapshot() const { return min_txid.value == 1; }
  Pos pos() const { return {max_txid, post_apply}; }
};

// The same for whoever reads LTX files, in the file of this path. What a history does not tell is
// not in it: WAL fields, node id and file checksum.
ImageRef image_ref(const std::string& path, const HistoryImage& image);

}  // namespace litetool
