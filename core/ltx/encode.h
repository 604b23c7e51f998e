// A database as one snapshot LTX file.
#pragma once

#include <optional>
#include <string>

#include "core/os/job.h"
#include "formats/ltx/header.h"

namespace litetool {

struct EncodeOptions {
  ltx::Variant variant = ltx::Variant::kV3Block;
  Txid txid{1};                              // the last transaction it stands for
  std::optional<std::int64_t> timestamp_ms;  // now, if not given
  std::uint64_t node_id = 0;
  bool checksums = true;
  bool replace = false;            // an existing output file
  std::int64_t timeout_ms = 5000;  // how long to wait for writers
};

struct EncodeReport {
  ltx::Header header;
  ltx::Trailer trailer;
  std::uint64_t pages = 0;  // in the file
  std::uint64_t size_bytes = 0;
  std::uint32_t wal_frames = 0;  // of the log, that the state takes in
};

// Reads `database` with its log as one committed state, while others may go on using it, and writes
// the snapshot to `output`, which appears complete or not at all.
Result<EncodeReport> encode_database(const Job& job, const std::string& database,
                                     const std::string& output, const EncodeOptions& options);

}  // namespace litetool
