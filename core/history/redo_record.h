// One record of a redo log (see redo_log.h): a state of a segment, as the difference to the state
// before it. Pure bytes. All integers are big-endian.
//
//    0  u64  "litredo1"
//    8  u64  CRC-64 of all of the record that follows
//   16  u32  length of the record; u32 count of single bytes
//   24  u64  generation: drawn at random for each filling of the log; u64 number, from 0 on
//   40  u64  what the segment is cut to; u64 its size afterwards
//   56       boot id of the kernel that ran, 64 bytes, filled up with zeros
//  120       name of the segment, 32 bytes, filled up with zeros
//  152       the single bytes before the cut: u64 offset, u8 value each
//            what is appended behind the cut
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "formats/base/byte_source.h"
#include "formats/base/bytes.h"

namespace litetool {

// A byte that was replaced in place.
struct ReplacedByte {
  std::uint64_t offset;
  std::byte value;
};

// Of a file that is appended to: all from `from` up to its `size`, and single bytes before.
struct FilePart {
  std::uint64_t from = 0;
  std::uint64_t size = 0;
  std::vector<ReplacedByte> replaced;
};

struct RedoRecord {
  std::uint64_t generation = 0;
  std::uint64_t number = 0;
  std::string boot_id;
  std::string segment;
  FilePart part;
};

// Bytes of a record of this part.
std::uint64_t redo_record_size(const FilePart& part);
// Fills `out`, of that many bytes, with the record; what is appended is read from `segment`.
Status write_redo_record(const RedoRecord& record, const ByteSource& segment, MutableBytes out);

// The record that `bytes` begins with, and what it appends, in them; nothing where there is none.
struct FoundRedoRecord {
  RedoRecord record;
  Bytes appended;
  std::size_t size = 0;
};
std::optional<FoundRedoRecord> read_redo_record(Bytes bytes);

}  // namespace litetool
