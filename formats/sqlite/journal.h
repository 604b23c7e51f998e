// A SQLite rollback journal: the pages as they were before the transaction. All integers
// big-endian.
//
// Header, padded with anything to sector_size:
//   off size name             meaning
//     0    8 magic            d9 d5 05 f9 20 a1 63 d7
//     8    4 records          in this segment; 0xffffffff = to the end of the file
//    12    4 nonce            where the records' checksums start
//    16    4 initial_pages    database size before the transaction
//    20    4 sector_size      32 ... 65536
//    24    4 page_size
//
// Record:
//     0    4 pgno
//     4    - page             as it was before
//   4+P    4 checksum         nonce + the bytes at P - 200, P - 400, ... while the offset is above
//   0
//
// A cache spill makes SQLite start another segment, header and records, at the next multiple of the
// sector size. A transaction over several databases ends its journal with the name of the
// super-journal:
//     0    4 lock page of the page size
//     4    n name
//   4+n    4 n
//   8+n    4 sum of the bytes of the name
//  12+n    8 magic
//
// Valid: a record when its pgno is neither 0 nor the lock page and its checksum fits; the first
// that is not ends the journal. The first 28 bytes tell how far the transaction is: see
// JournalState. Records of an older, longer transaction may follow in a journal that is kept
// (PERSIST); the nonce separates them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "formats/base/byte_source.h"
#include "formats/base/bytes.h"
#include "formats/base/ids.h"
#include "formats/base/result.h"

namespace litetool {

constexpr std::size_t kJournalHeaderSize = 28;
constexpr std::uint32_t kJournalRecordsToEnd = 0xffffffff;

enum class JournalState : std::uint8_t {
  kEmpty,      // no byte: no transaction, or one that was committed by truncation
  kFinalised,  // 28 zero bytes: committed (or played back) and kept
  kUnsynced,   // bytes 0-11 zero, the rest set: records are being written, the count is not known
               // yet
  kLive,       // magic and count: a transaction under way, or a hot journal
  kForeign,    // none of these: not a journal, or shorter than its header
};
const char* journal_state_text(JournalState state);

// Judges the first 28 bytes; more may be given.
JournalState journal_state(Bytes first);

struct JournalHeader {
  std::uint32_t records = 0;  // or kJournalRecordsToEnd; 0 where it is not known yet
  std::uint32_t nonce = 0;
  std::uint32_t initial_pages = 0;
  std::uint32_t sector_size = 0;  // bytes
  std::uint32_t page_size = 0;    // bytes
};

// Decodes a header whose state is kLive or kUnsynced; kCorrupt with the offset otherwise.
Result<JournalHeader> decode_journal_header(Bytes first);

// Checksum of a record's page.
std::uint32_t journal_checksum(std::uint32_t nonce, Bytes page);

struct JournalSegment {
  std::uint64_t offset = 0;  // of its header
  JournalState state = JournalState::kForeign;
  JournalHeader header;  // of a finalised one: guessed, initial_pages unknown (0)
};

enum class JournalRecordVerdict : std::uint8_t {
  kOk,
  kChecksumMismatch,
  kBadPgno,  // 0 or the lock page
  kTorn,     // the file ends inside the record
};
const char* journal_record_verdict_text(JournalRecordVerdict verdict);

struct JournalRecord {
  std::uint32_t segment = 0;  // index, from 0
  std::uint32_t number = 0;   // in the segment, from 1
  std::uint64_t offset = 0;   // of the record in the file
  Pgno pgno = 0;
  std::uint32_t checksum = 0;
  JournalRecordVerdict verdict = JournalRecordVerdict::kTorn;
  Bytes page;

  bool ok() const { return verdict == JournalRecordVerdict::kOk; }
  std::uint64_t page_offset() const { return offset + 4; }
};

// Walks the records of all segments in order, with reads of up to 1 MiB into one buffer.
//
// Where the count is known, that many records are walked, and the first that is not valid is the
// last one (where SQLite stops playing back too). Where it is not known - unsynced, finalised, to
// the end of the file - records are walked while they fit, and what no longer fits is not reported.
class JournalReader {
 public:
  // `journal` outlives the reader. `page_size` is the database's: needed for a finalised journal,
  // whose header is gone, and used there only; 0 = not known. kCorrupt where the first header is no
  // journal's or is impossible; kNotFound where there is nothing to walk: an empty journal, or a
  // finalised one without a page size.
  static Result<JournalReader> open(const ByteSource& journal, std::uint32_t page_size);

  // The next record, or nothing at the end. Its page is valid until the next call.
  Result<std::optional<JournalRecord>> next();

  // The segment being walked; after the end, the last one.
  const JournalSegment& segment() const { return segment_; }
  std::uint32_t page_size() const { return page_size_; }
  // Size of the database before the transaction; 0 = not known (finalised).
  std::uint32_t initial_pages() const { return initial_pages_; }
  // Segments begun so far.
  std::uint32_t segments() const { return segment_index_ + 1; }

 private:
  JournalReader(const ByteSource& journal, JournalSegment first, std::uint32_t page_size);
  std::size_t record_size() const { return std::size_t{page_size_} + 8; }
  bool counted() const;
  Result<JournalRecord> read_record();
  Result<bool> next_segment();
  Status fill();

  const ByteSource* journal_;
  JournalSegment segment_;
  std::uint32_t segment_index_ = 0;
  std::uint32_t number_ = 0;  // records walked in this segment
  std::uint64_t offset_ = 0;  // of the next record
  std::uint32_t page_size_;
  std::uint32_t sector_size_;
  std::uint32_t initial_pages_;
  bool ended_ = false;
  Buffer buffer_;
  std::uint64_t buffer_offset_ = 0;  // in the file
  std::size_t filled_ = 0;           // bytes of buffer_ in use
};

// Where the old image of each page is in a journal: what a capture needs before it looks at a
// single page.
struct JournalPage {
  Pgno pgno = 0;
  std::uint64_t page_offset = 0;  // of the page's bytes in the journal
};
struct JournalPages {
  std::uint32_t page_size = 0;
  std::uint32_t initial_pages = 0;  // 0 = not known
  std::uint32_t segments = 0;
  std::vector<JournalPage> pages;  // valid records, sorted by page number, the first of each page
};
// Walks the whole journal; arguments and errors as JournalReader::open. 16 bytes of memory a
// record.
Result<JournalPages> list_journal_pages(const ByteSource& journal, std::uint32_t page_size);

// The super-journal's name at the end of the journal; nothing when there is none. Errors only of
// the source.
Result<std::optional<std::string>> read_super_journal_name(const ByteSource& journal);

}  // namespace litetool
