#include "formats/ltx/page_index.h"

#include <algorithm>
#include <span>

#include "formats/base/text.h"
#include "formats/ltx/header.h"

namespace litetool::ltx {
namespace {

constexpr std::size_t kHashChunk = 4096;
constexpr std::size_t kReadChunk = 65536;
constexpr std::size_t kWriteChunk = 65536;
// About 170 million pages.
constexpr std::size_t kMaxCompactIndex = std::size_t{512} << 20;
constexpr std::size_t kMaxEntrySize = 3 * kMaxVarintSize;

void append_varint(Buffer& out, std::uint64_t v) {
  std::byte raw[kMaxVarintSize];
  const std::size_t n = encode_varint(raw, v);
  out.insert(out.end(), raw, raw + n);
}

// Reads LEB128 at `p` and moves behind it; false if it does not end before `end` or is over 64
// bits.
inline bool take_varint(const std::byte*& p, const std::byte* end, std::uint64_t& v) {
  const std::byte* const begin = p;
  v = 0;
  for (unsigned shift = 0; p != end && shift < 7 * kMaxVarintSize; shift += 7) {
    const auto x = std::to_integer<std::uint64_t>(*p++);
    v |= (x & 0x7f) << shift;
    if (x < 0x80) return p - begin < std::ptrdiff_t{kMaxVarintSize} || x <= 1;
  }
  return false;
}

}  // namespace

std::size_t encode_varint(std::byte* p, std::uint64_t v) {
  std::size_t n = 0;
  for (; v >= 0x80; v >>= 7) p[n++] = static_cast<std::byte>(v | 0x80);
  p[n++] = static_cast<std::byte>(v);
  return n;
}

std::size_t decode_varint(Bytes b, std::uint64_t& v) {
  const std::byte* p = b.data();
  return take_varint(p, p + b.size(), v) ? static_cast<std::size_t>(p - b.data()) : 0;
}

void append_index_entry(Buffer& out, const IndexEntry& entry) {
  append_varint(out, entry.pgno);
  append_varint(out, entry.offset);
  append_varint(out, entry.size);
}

Status IndexBuilder::add(Pgno pgno, std::uint64_t size) {
  if (compact_.size() > kMaxCompactIndex) {
    return Error(Errc::kUnsupported, "too many pages for one LTX file");
  }
  append_varint(compact_, pgno - last_pgno_);
  append_varint(compact_, size);
  last_pgno_ = pgno;
  offset_ += size;
  return {};
}

Status IndexBuilder::write(ByteSink& out) const {
  Buffer chunk;
  std::uint64_t length = 1;
  Bytes rest = compact_;
  IndexEntry entry{0, first_offset_, 0};
  while (!rest.empty()) {
    std::uint64_t gap = 0;
    rest = rest.subspan(decode_varint(rest, gap));
    rest = rest.subspan(decode_varint(rest, entry.size));
    entry.pgno += static_cast<Pgno>(gap);
    append_index_entry(chunk, entry);
    entry.offset += entry.size;
    if (chunk.size() >= kWriteChunk) {
      length += chunk.size();
      LT_TRY(out.write(chunk));
      chunk.clear();
    }
  }
  length += chunk.size();
  ByteWriter w(chunk);
  w.zeros(1);
  w.be(length);
  return out.write(chunk);
}

void IndexExpectation::add(const IndexEntry& entry) {
  append_index_entry(pending_, entry);
  if (pending_.size() < kHashChunk) return;
  hasher_.update(pending_);
  length_ += pending_.size();
  pending_.clear();
}

Digest IndexExpectation::finish() {
  pending_.push_back(std::byte{0});
  hasher_.update(pending_);
  return hasher_.finish();
}

// The next bytes, enough for any entry where there are as many.
Status IndexReader::fill() {
  window_.resize(std::min<std::uint64_t>(kReadChunk, end_ - at_));
  window_offset_ = at_;
  return source_.read_exact(window_, at_);
}

// Runs for every page of every image that is looked at.
Result<bool> IndexReader::next(IndexEntry& entry) {
  if (at_ >= end_) return Error::corrupt(at_, "page index has no end");
  const std::uint64_t window_end = window_offset_ + window_.size();
  if (window_end - at_ < kMaxEntrySize && window_end != end_) LT_TRY(fill());
  const std::byte* const begin = window_.data() + (at_ - window_offset_);
  const std::byte* const end = window_.data() + window_.size();
  const std::byte* p = begin;
  std::uint64_t pgno = 0;
  bool good = take_varint(p, end, pgno);
  if (good && pgno == 0) {
    if (p != begin + 1 || p != end || window_offset_ + window_.size() != end_) {
      return Error::corrupt(at_, "page index ends before its length");
    }
    at_ = end_;
    return false;
  }
  good = good && take_varint(p, end, entry.offset) && take_varint(p, end, entry.size);
  if (!good || pgno > UINT32_MAX) return Error::corrupt(at_, "malformed page index entry");
  entry.pgno = static_cast<Pgno>(pgno);
  at_ += static_cast<std::uint64_t>(p - begin);
  return true;
}

Result<IndexSpan> find_index(const ByteSource& source, std::uint64_t start, std::uint64_t end) {
  constexpr std::uint64_t kFoot = kIndexLengthSize + kTrailerSize;
  if (end < start || end - start < kMaxHeaderSize + 1 + kFoot) {
    return Error::corrupt(start, "too short for an LTX image with a page index");
  }
  std::byte raw[kIndexLengthSize];
  LT_TRY(source.read_exact(raw, end - kFoot));
  const auto length = load_be<std::uint64_t>(raw);
  if (length == 0 || length > end - start - kMaxHeaderSize - kFoot) {
    return Error::corrupt(end - kFoot, "impossible page index length");
  }
  return IndexSpan{end - kFoot - length, end - kFoot};
}

// An entry's three LEB128s can be told from the end: the last byte of each has its high bit clear.
Result<std::optional<IndexEntry>> last_entry(const ByteSource& source, const IndexSpan& span) {
  // The 0 at the end, an entry, and the last byte of what stands before it.
  const std::uint64_t size = std::min<std::uint64_t>(span.end - span.begin, kMaxEntrySize + 2);
  std::byte raw[kMaxEntrySize + 2];
  LT_TRY(source.read_exact(MutableBytes(raw, size), span.end - size));
  const auto is_last = [&](std::size_t i) { return std::to_integer<unsigned>(raw[i]) < 0x80; };
  std::size_t begin = size - 1;
  if (raw[begin] != std::byte{0}) return Error::corrupt(span.end - 1, "page index has no end");
  if (size == 1) return std::optional<IndexEntry>();
  for (int number = 0; number < 3 && begin > 0; ++number) {
    if (!is_last(begin - 1)) break;
    for (--begin; begin > 0 && !is_last(begin - 1);) --begin;
  }
  const std::byte* p = raw + begin;
  const std::byte* const end = raw + size - 1;
  IndexEntry entry;
  std::uint64_t pgno = 0;
  const bool good = take_varint(p, end, pgno) && take_varint(p, end, entry.offset) &&
                    take_varint(p, end, entry.size) && p == end;
  if (!good || pgno == 0 || pgno > UINT32_MAX) {
    return Error::corrupt(span.end - size + begin, "malformed page index entry");
  }
  entry.pgno = static_cast<Pgno>(pgno);
  return std::optional(entry);
}

Result<std::optional<IndexEntry>> lookup_page(const ByteSource& source, std::uint64_t start,
                                              std::uint64_t end, Pgno pgno) {
  LT_ASSIGN(const IndexSpan span, find_index(source, start, end));
  IndexReader reader(source, span.begin, span.end);
  for (IndexEntry entry;;) {
    LT_ASSIGN(const bool more, reader.next(entry));
    if (!more || entry.pgno > pgno) return std::optional<IndexEntry>();
    if (entry.pgno == pgno) return std::optional(entry);
  }
}

Result<std::vector<IndexEntry>> load_page_index(const ByteSource& source, std::uint64_t start,
                                                std::uint64_t end) {
  LT_ASSIGN(const IndexSpan span, find_index(source, start, end));
  IndexReader reader(source, span.begin, span.end);
  std::vector<IndexEntry> entries;
  for (IndexEntry entry;;) {
    const std::uint64_t at = reader.position();
    LT_ASSIGN(const bool more, reader.next(entry));
    if (!more) return entries;
    if (!entries.empty() && entry.pgno <= entries.back().pgno) {
      return Error::corrupt(at, format("page index is not ascending at page %u", entry.pgno));
    }
    entries.push_back(entry);
  }
}

}  // namespace litetool::ltx
