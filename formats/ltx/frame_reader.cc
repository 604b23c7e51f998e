#include "formats/ltx/frame_reader.h"

#include <algorithm>

#include "formats/base/text.h"
#include "formats/ltx/v01.h"

namespace litetool::ltx {
namespace {

constexpr std::size_t kStep = 64 * 1024;
constexpr std::size_t kSizedHead = 10;

// An LZ4 frame may be cut into more blocks than necessary; this leaves room for any sane cut.
std::size_t lz4_frame_limit(std::uint32_t page_size) {
  return 2 * lz4_block_bound(page_size) + 1024;
}

ByteStream open_pages(const ByteSource& source, std::uint64_t start, const Header& h) {
  if (h.variant == Variant::kV1Lz4) return ByteStream::lz4(source, start + header_size(h.variant));
  if (h.variant == Variant::kV01) return {source, start + v01_page_block_offset(h)};
  return {source, start + header_size(h.variant)};
}

std::uint64_t first_frame_offset(const Header& h) {
  return h.variant == Variant::kV01 ? v01_page_block_offset(h) : header_size(h.variant);
}

}  // namespace

FrameReader::FrameReader(const ByteSource& source, std::uint64_t offset, const Header& header)
    : source_(&source),
      start_(offset),
      header_(header),
      pages_(open_pages(source, offset, header)),
      order_(header, may_hold_lock_page(header.variant)),
      frame_offset_(first_frame_offset(header)) {}

Result<FrameReader> FrameReader::open(const ByteSource& source, Variant variant,
                                      std::uint64_t offset) {
  HeaderBytes raw;
  LT_ASSIGN(const Header header, read_header(source, variant, offset, raw));
  FrameReader reader(source, offset, header);
  reader.header_bytes_ = raw;
  if (variant == Variant::kV01) LT_TRY(reader.open_v01());
  return reader;
}

// The header block stands before the pages and has its own checksum: read it once, to check that.
Status FrameReader::open_v01() {
  const std::uint64_t end = v01_page_block_offset(header_);
  const std::uint64_t begin = kV01HeaderSize;
  ByteStream block(*source_, start_ + begin);
  std::uint64_t crc = 0;
  for (std::uint64_t at_byte = begin; at_byte < end;) {
    const std::size_t want = std::min<std::uint64_t>(kStep, end - at_byte);
    LT_ASSIGN(Bytes b, block.view(want));
    if (b.size() < want) {
      return Error::corrupt(block.source_offset() + b.size(),
                            "truncated: ends inside the header block");
    }
    b = b.first(std::min<std::uint64_t>(b.size(), end - at_byte));
    crc = crc64(crc, b);
    block.advance(b.size());
    at_byte += b.size();
  }
  if (as_checksum(crc) != header_.v01->header_block_checksum) {
    return Error::corrupt(start_ + 72, "header block checksum mismatch");
  }
  v01_heads_ = std::make_unique<ByteStream>(*source_, start_ + begin);
  return {};
}

Error FrameReader::at(std::uint64_t image_offset, Error e) const {
  e.offset = start_ + image_offset;
  return e;
}

// At least `n` bytes of the page block from here.
Result<Bytes> FrameReader::need(std::size_t n, const char* inside) {
  LT_ASSIGN(const Bytes b, pages_.view(n));
  if (b.size() >= n) return b;
  const bool lz4 = header_.variant == Variant::kV1Lz4;
  const std::uint64_t end = lz4 ? pages_.source_offset() : pages_.source_offset() + b.size();
  return Error::corrupt(end, format("truncated: ends inside %s", inside));
}

Result<FrameReader::Found> FrameReader::find_frame() {
  if (header_.variant == Variant::kV01) return find_v01_frame();
  Found found;
  LT_ASSIGN(Bytes b, need(page_header_size(header_.variant), "a page header"));
  found.frame.pgno = load_be<std::uint32_t>(b.data());
  found.frame.offset = frame_offset_;
  if (is_v3(header_.variant)) return find_v3_frame(found.frame);
  if (found.frame.pgno == 0) return found;
  if (header_.variant == Variant::kV2) return find_lz4_frame(found.frame, 4);
  found.head_size = 4;
  LT_ASSIGN(b, need(4 + header_.page_size, "a page"));
  found.bytes = b.first(4 + header_.page_size);
  return found;
}

Result<FrameReader::Found> FrameReader::find_v01_frame() {
  Found found;
  if (page_count_ == header_.v01->page_count) return found;
  LT_ASSIGN(const Bytes head, v01_heads_->view(kV01PageHeaderSize));
  if (head.size() < kV01PageHeaderSize) {
    return Error::corrupt(v01_heads_->source_offset(), "truncated: ends inside the page headers");
  }
  found.frame.pgno = load_be<std::uint32_t>(head.data());
  if (found.frame.pgno == 0) {
    return Error::corrupt(v01_heads_->source_offset(), "page number is 0");
  }
  found.frame.offset = frame_offset_;
  LT_ASSIGN(const Bytes b, need(header_.page_size, "a page"));
  found.bytes = b.first(header_.page_size);
  return found;
}

Result<FrameReader::Found> FrameReader::find_v3_frame(Frame frame) {
  LT_ASSIGN(const Bytes b, need(6, "a page header"));
  const auto flags = load_be<std::uint16_t>(b.data() + 4);
  if (frame.pgno == 0 ? flags != 0 : (flags & ~kPageFlagSized) != 0) {
    return at(frame.offset + 4, Error(Errc::kCorrupt, format("invalid page flags 0x%04x", flags)));
  }
  if (frame.pgno == 0) return Found{frame, {}, 0};
  return flags == 0 ? find_lz4_frame(frame, 6) : find_block_frame(frame);
}

Result<FrameReader::Found> FrameReader::find_block_frame(Frame frame) {
  LT_ASSIGN(Bytes b, need(kSizedHead, "a page header"));
  const auto size = load_be<std::uint32_t>(b.data() + 6);
  if (size == 0 || size > lz4_block_bound(header_.page_size)) {
    return at(frame.offset + 6,
              Error(Errc::kCorrupt,
                    format("impossible compressed size %u of page %u", size, frame.pgno)));
  }
  LT_ASSIGN(b, need(kSizedHead + size, "a page"));
  frame.kind = PayloadKind::kLz4Block;
  return Found{frame, b.first(kSizedHead + size), kSizedHead};
}

Result<FrameReader::Found> FrameReader::find_lz4_frame(const Frame& frame, std::size_t head_size) {
  Found found{frame, {}, head_size};
  found.frame.kind = PayloadKind::kLz4Frame;
  std::size_t want = head_size + kLz4FrameOverhead;
  for (;;) {
    LT_ASSIGN(const Bytes b, need(want, "a page"));
    auto extent = lz4_frame_extent(b.subspan(head_size));
    if (!extent) return at(frame.offset + head_size, std::move(extent).error());
    if (extent->size > lz4_frame_limit(header_.page_size)) {
      return at(frame.offset + head_size,
                Error(Errc::kCorrupt, format("lz4 frame of page %u is too large", frame.pgno)));
    }
    want = head_size + extent->size;
    if (extent->complete) {
      found.bytes = b.first(want);
      return found;
    }
  }
}

// Checks the frame's place and moves behind it.
Status FrameReader::accept(const Found& found) {
  const std::size_t size = found.bytes.size();
  if (auto ok = order_.add(found.frame.pgno); !ok) {
    return at(found.frame.offset, std::move(ok).error());
  }
  if (has_page_index(header_.variant)) index_.add({found.frame.pgno, frame_offset_, size});
  if (v01_heads_) v01_heads_->advance(kV01PageHeaderSize);
  pages_.advance(size);
  frame_offset_ += size;
  ++page_count_;
  return {};
}

Result<bool> FrameReader::read_batch(FrameBatch& batch) {
  batch.clear();
  pages_.limit_reads(batch.max_bytes() / 2);
  while (!pages_ended_) {
    LT_ASSIGN(const Found found, find_frame());
    if (found.frame.pgno == 0) {
      LT_TRY(end_pages());
      break;
    }
    if (!batch.has_room(found.bytes.size())) break;
    batch.refer(found.frame, found.bytes, found.head_size, pages_.chunk());
    LT_TRY(accept(found));
  }
  return !batch.empty();
}

Status FrameReader::skip_frames() {
  while (!pages_ended_) {
    LT_ASSIGN(const Found found, find_frame());
    LT_TRY(found.frame.pgno == 0 ? end_pages() : accept(found));
  }
  return {};
}

// Consumes the terminator. After an error there is no end, and so no tail.
Status FrameReader::end_pages() {
  if (auto ok = order_.finish(); !ok) return at(frame_offset_, std::move(ok).error());
  pages_.advance(page_header_size(header_.variant));
  if (header_.variant == Variant::kV1Lz4) {
    LT_ASSIGN(const bool at_end, pages_.at_end());
    if (!at_end) return Error::corrupt(pages_.source_offset(), "bytes behind the last page");
    pages_ = ByteStream(*source_, pages_.source_offset());
  }
  pages_ended_ = true;
  return {};
}

Status FrameReader::read_index(Tail& tail) {
  const std::uint64_t begin = pages_.source_offset();
  const std::uint64_t length = index_.length();
  Hasher hasher;
  for (std::uint64_t left = length; left != 0;) {
    const std::size_t want = std::min<std::uint64_t>(left, kStep);
    LT_ASSIGN(Bytes b, need(want, "the page index"));
    b = b.first(want);
    hasher.update(b);
    tail.crc = crc64(tail.crc, b);
    pages_.advance(want);
    left -= want;
  }
  if (hasher.finish() != index_.finish()) return explain_index_mismatch(begin, begin + length);
  LT_ASSIGN(const Bytes b, need(kIndexLengthSize, "the page index length"));
  if (load_be<std::uint64_t>(b.data()) != length) {
    return Error::corrupt(pages_.source_offset(), "page index length field is wrong");
  }
  tail.crc = crc64(tail.crc, b.first(kIndexLengthSize));
  tail.hashed_size += length + kIndexLengthSize;
  pages_.advance(kIndexLengthSize);
  return {};
}

// Reads frames and index side by side to the first entry that differs.
Error FrameReader::explain_index_mismatch(std::uint64_t begin, std::uint64_t end) const {
  auto again = open(*source_, header_.variant, start_);
  if (!again) return std::move(again).error();
  IndexReader index(*source_, begin, end);
  FrameBatch batch;
  for (;;) {
    const auto more = again->read_batch(batch);
    if (!more) return more.error();
    if (!*more) return Error::corrupt(begin, "page index does not end with the frames");
    for (const Frame& f : batch.frames()) {
      const std::uint64_t position = index.position();
      IndexEntry entry;
      const auto is_there = index.next(entry);
      if (!is_there) return is_there.error();
      if (!*is_there) return Error::corrupt(position, format("page index lacks page %u", f.pgno));
      const IndexEntry want{f.pgno, f.offset, f.size()};
      if (entry == want) continue;
      return Error::corrupt(
          position,
          format("page index has page %u at %llu size %llu, the frame is page %u at %llu size %llu",
                 entry.pgno, static_cast<unsigned long long>(entry.offset),
                 static_cast<unsigned long long>(entry.size), want.pgno,
                 static_cast<unsigned long long>(want.offset),
                 static_cast<unsigned long long>(want.size)));
    }
  }
}

Result<Tail> FrameReader::finish() {
  if (!pages_ended_) return Error(Errc::kFailed, "finish called before all frames were read");
  Tail tail;
  tail.page_count = page_count_;
  tail.has_lock_page = order_.has_lock_page();
  if (header_.variant == Variant::kV01) {
    tail.trailer = {header_.v01->post_apply, header_.v01->header_checksum};
    tail.end = pages_.source_offset();
    return tail;
  }
  constexpr std::byte kZeros[6] = {};
  tail.hashed_size = page_header_size(header_.variant);
  tail.crc = crc64(0, Bytes(kZeros).first(tail.hashed_size));
  if (has_page_index(header_.variant)) LT_TRY(read_index(tail));
  LT_ASSIGN(const Bytes b, need(kTrailerSize, "the trailer"));
  tail.trailer.post_apply.value = load_be<std::uint64_t>(b.data());
  tail.trailer.file_checksum.value = load_be<std::uint64_t>(b.data() + 8);
  if (auto ok = validate(tail.trailer, header_); !ok) {
    *ok.error().offset += pages_.source_offset();
    return std::move(ok).error();
  }
  tail.crc = crc64(tail.crc, b.first(8));
  tail.hashed_size += 8;
  tail.end = pages_.source_offset() + kTrailerSize;
  return tail;
}

}  // namespace litetool::ltx
