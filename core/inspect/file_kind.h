// What kind of file something is, of all kinds that litetool reads.
#pragma once

#include <cstdint>
#include <string>

#include "formats/base/byte_source.h"
#include "formats/base/result.h"

namespace litetool {

enum class FileKind : std::uint8_t {
  kUnknown,
  kEmpty,  // no byte: a database without pages, or a WAL or journal that was truncated
  kDatabase,
  kWal,
  kWalIndex,
  kJournal,
  kLtx,
  kSegment,  // LTX images one after another, litetool's *.ltxs
};
const char* file_kind_text(FileKind kind);  // as in JSON: "wal_index"

// By the first bytes; where these are zeros, as in a finalised journal or a fresh wal-index, by the
// end of the name ("-journal", "-shm"). An LTX file is a segment when its name ends with ".ltxs".
// Errors only of the source.
Result<FileKind> detect_file_kind(const ByteSource& file, const std::string& name);

}  // namespace litetool
