// The header of a SQLite database: the first 100 bytes of page 1. All integers big-endian.
//
//   off size name                 meaning
//     0   16 magic                "SQLite format 3" and a zero byte
//    16    2 page_size            512 ... 32768, or 1 for 65536
//    18    1 write_version        1 rollback journal, 2 WAL
//    19    1 read_version         the same for readers
//    20    1 reserved_bytes       unused bytes at the end of each page
//    21    3 payload fractions    always 64, 32, 32
//    24    4 change_counter       +1 for each transaction outside WAL mode
//    28    4 size_pages           database size; valid when not 0 and 24 == 92
//    32    4 freelist_trunk       first trunk page of the freelist, 0 = none
//    36    4 freelist_count       free pages, trunks and leaves
//    40    4 schema_cookie        +1 for each change of the schema
//    44    4 schema_format        1 ... 4; 0 in a database that never had a table
//    48    4 default_cache_size   suggestion in pages
//    52    4 largest_root         largest root page; not 0 = auto_vacuum or incremental
//    56    4 text_encoding        bits 0-1: 1 UTF-8, 2 UTF-16le, 3 UTF-16be; 0 as 44, or UTF-8
//    60    4 user_version         PRAGMA user_version
//    64    4 incremental_vacuum   not 0 = incremental
//    68    4 application_id       PRAGMA application_id
//    72   20 reserved             zero
//    92    4 version_valid_for    change_counter when 28 and 96 were written
//    96    4 sqlite_version       of the library that wrote last, 3040001 = 3.40.1
//
// Valid: magic, page size and payload fractions are right, both versions are 1 or 2 (a higher one
// is kUnsupported), and at least 480 bytes of a page are usable.
#pragma once

#include <cstdint>
#include <string>

#include "formats/base/bytes.h"
#include "formats/base/ids.h"
#include "formats/base/result.h"

namespace litetool {

constexpr std::size_t kFileHeaderSize = 100;
constexpr std::size_t kFileMagicSize = 16;

enum class TextEncoding : std::uint8_t { kUtf8 = 1, kUtf16le = 2, kUtf16be = 3 };
enum class AutoVacuum : std::uint8_t { kNone, kFull, kIncremental };

struct FileHeader {
  std::uint32_t page_size = 0;  // bytes
  std::uint8_t write_version = 0;
  std::uint8_t read_version = 0;
  std::uint8_t reserved_bytes = 0;
  std::uint32_t change_counter = 0;
  std::uint32_t size_pages = 0;
  Pgno freelist_trunk = 0;
  std::uint32_t freelist_count = 0;
  std::uint32_t schema_cookie = 0;
  std::uint32_t schema_format = 0;
  std::uint32_t default_cache_size = 0;
  Pgno largest_root = 0;
  TextEncoding text_encoding = TextEncoding::kUtf8;
  std::uint32_t user_version = 0;
  std::uint32_t incremental_vacuum = 0;
  std::uint32_t application_id = 0;
  std::uint32_t version_valid_for = 0;
  std::uint32_t sqlite_version = 0;

  // True when readers and writers use a WAL.
  bool wal() const { return write_version == 2 && read_version == 2; }
  bool size_is_valid() const { return size_pages != 0 && change_counter == version_valid_for; }
  // Bytes of a page that b-trees may use.
  std::uint32_t usable_size() const { return page_size - reserved_bytes; }
  AutoVacuum auto_vacuum() const;
};

// True when `first` starts with the 16 magic bytes. An empty file is a database too, for SQLite,
// but no reader can tell it from any other empty file.
bool is_database(Bytes first);

// Decodes the first 100 bytes; more may be given. kCorrupt with the offset of the field that is
// wrong.
Result<FileHeader> decode_file_header(Bytes first);

// Pages in a file of that many bytes, a partial page at the end counted (as SQLite does).
std::uint32_t file_pages(std::uint32_t page_size, std::uint64_t file_size_bytes);

// Database size in pages by SQLite's rule outside WAL mode: the header's where it is valid, else
// the file's. It may exceed the pages that the file has; that database is corrupt.
std::uint32_t database_pages(const FileHeader& header, std::uint64_t file_size_bytes);

// True for versions whose restart of a WAL can overwrite frames that a checkpoint of another
// connection still needs: 3.7.0 to 3.51.2, but not the backports 3.44.6 and 3.50.7 and what follows
// them in their series.
bool has_wal_reset_bug(std::uint32_t sqlite_version);

// 3040001 -> "3.40.1".
std::string sqlite_version_text(std::uint32_t version);

}  // namespace litetool
