// The page index of v2 and v3: where each page's frame stands.
//
// Per page, ascending: unsigned LEB128 pgno, offset of the frame from the start of the file, size
// of the frame (page header included). Then LEB128 0, then u64be = bytes of all LEB128s with the 0.
// It ends where the 16-byte trailer begins, so it is found from the end of the file.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "formats/base/byte_source.h"
#include "formats/base/crypto.h"
#include "formats/base/ids.h"

namespace litetool::ltx {

struct IndexEntry {
  Pgno pgno = 0;
  std::uint64_t offset = 0;  // from the start of the image
  std::uint64_t size = 0;
  bool operator==(const IndexEntry&) const = default;
};

constexpr std::size_t kMaxVarintSize = 10;
constexpr std::size_t kIndexLengthSize = 8;

// Writes LEB128 to `p` (kMaxVarintSize bytes of room); returns its size.
std::size_t encode_varint(std::byte* p, std::uint64_t v);
// Reads LEB128 at the front of `b`; returns its size, 0 if it does not end within `b` or is over 64
// bits.
std::size_t decode_varint(Bytes b, std::uint64_t& v);
// Appends one entry of the index.
void append_index_entry(Buffer& out, const IndexEntry& entry);

// Collects the index of a file being written in about 3 bytes a page: pgno gaps and frame sizes.
class IndexBuilder {
 public:
  // `offset` of the first frame.
  explicit IndexBuilder(std::uint64_t offset) : first_offset_(offset), offset_(offset) {}
  // The next frame, which follows the one before it. kUnsupported when the index outgrows its
  // limit.
  Status add(Pgno pgno, std::uint64_t size);
  // The index with its 0 and its length, piece by piece.
  Status write(ByteSink& out) const;

 private:
  Buffer compact_;
  std::uint64_t first_offset_;
  std::uint64_t offset_;
  Pgno last_pgno_ = 0;
};

// Digest and length of the index that the frames seen so far call for: compares an index of any
// size with its frames in constant memory.
class IndexExpectation {
 public:
  void add(const IndexEntry& entry);
  // Bytes of the LEB128s, the 0 included.
  std::uint64_t length() const { return length_ + pending_.size() + 1; }
  // Ends it.
  Digest finish();

 private:
  Hasher hasher_;
  Buffer pending_;
  std::uint64_t length_ = 0;
};

// Reads entries one after another from `offset` in the source, up to `end` (of the LEB128s).
class IndexReader {
 public:
  IndexReader(const ByteSource& source, std::uint64_t offset, std::uint64_t end)
      : source_(source), at_(offset), end_(end), window_offset_(offset) {}
  // The next entry; false at the 0, which must be the last byte.
  Result<bool> next(IndexEntry& entry);
  // Where the next entry starts.
  std::uint64_t position() const { return at_; }

 private:
  Status fill();
  const ByteSource& source_;
  std::uint64_t at_;
  std::uint64_t end_;
  Buffer window_;
  std::uint64_t window_offset_;
};

// The span [first, second) of the LEB128s of the image that ends at `end` in the source and starts
// at or behind `start`; kCorrupt if the length field cannot be right.
struct IndexSpan {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};
Result<IndexSpan> find_index(const ByteSource& source, std::uint64_t start, std::uint64_t end);

// The last entry of the index at `span`, read from its end; nothing where it has none. The others
// are not looked at.
Result<std::optional<IndexEntry>> last_entry(const ByteSource& source, const IndexSpan& span);

// Where a page stands in the image [start, end) of v2 or v3; nothing if it is not in there. Reads
// the index up to that page.
Result<std::optional<IndexEntry>> lookup_page(const ByteSource& source, std::uint64_t start,
                                              std::uint64_t end, Pgno pgno);
// The whole index, ascending; 24 bytes of memory a page.
Result<std::vector<IndexEntry>> load_page_index(const ByteSource& source, std::uint64_t start,
                                                std::uint64_t end);

}  // namespace litetool::ltx
