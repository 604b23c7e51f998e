#include "formats/ltx/v01.h"

#include "formats/base/crc64.h"
#include "formats/base/text.h"

namespace litetool::ltx {
namespace {

constexpr std::size_t kHeaderChecksumOffset = 88;
constexpr std::uint64_t kMaxEventBytes = 64 << 20;
constexpr std::uint64_t kMaxEvents = 1 << 20;

Status validate_v01(const Header& h) {
  const V01Fields& f = *h.v01;
  if (f.page_count == 0) return Error::corrupt(12, "page count is 0");
  if (f.event_count == 0 && f.event_bytes != 0) {
    return Error::corrupt(20, "event data without events");
  }
  if (f.event_count > f.event_bytes) return Error::corrupt(20, "events without data");
  if (!f.post_apply.well_formed()) return Error::corrupt(64, "malformed post-apply checksum");
  if (!f.header_block_checksum.well_formed()) {
    return Error::corrupt(72, "malformed header block checksum");
  }
  if (!f.page_block_checksum.well_formed()) {
    return Error::corrupt(80, "malformed page block checksum");
  }
  return {};
}

}  // namespace

bool is_v01_header(Bytes b) {
  return b.size() >= kV01HeaderSize &&
         as_checksum(crc64(0, b.first(kHeaderChecksumOffset))).value ==
             load_be<std::uint64_t>(b.data() + kHeaderChecksumOffset);
}

Result<Header> decode_v01_header(Bytes b) {
  if (!is_v01_header(b)) return Error::corrupt(kHeaderChecksumOffset, "header checksum mismatch");
  ByteReader r(b.first(kV01HeaderSize));
  Header h;
  V01Fields f;
  h.variant = Variant::kV01;
  r.skip(4);
  h.flags = r.be<std::uint32_t>();
  h.page_size = r.be<std::uint32_t>();
  f.page_count = r.be<std::uint32_t>();
  f.event_count = r.be<std::uint32_t>();
  f.event_bytes = r.be<std::uint32_t>();
  h.commit = r.be<std::uint32_t>();
  h.dbid = r.be<std::uint32_t>();
  h.min_txid.value = r.be<std::uint64_t>();
  h.max_txid.value = r.be<std::uint64_t>();
  h.timestamp_stored = static_cast<std::int64_t>(r.be<std::uint64_t>());
  h.pre_apply.value = r.be<std::uint64_t>();
  f.post_apply.value = r.be<std::uint64_t>();
  f.header_block_checksum.value = r.be<std::uint64_t>();
  f.page_block_checksum.value = r.be<std::uint64_t>();
  f.header_checksum.value = r.be<std::uint64_t>();
  h.v01 = f;
  LT_TRY(validate_v01(h));
  return h;
}

std::uint64_t v01_page_block_offset(const Header& h) {
  const V01Fields& f = *h.v01;
  const std::uint64_t size = kV01HeaderSize + std::uint64_t{kV01PageHeaderSize} * f.page_count +
                             std::uint64_t{kV01EventHeaderSize} * f.event_count + f.event_bytes;
  return (size + h.page_size - 1) / h.page_size * h.page_size;
}

Result<std::vector<Buffer>> read_v01_events(const ByteSource& source, std::uint64_t offset,
                                            const Header& h) {
  const V01Fields& f = *h.v01;
  if (f.event_bytes > kMaxEventBytes || f.event_count > kMaxEvents) {
    return Error(Errc::kUnsupported, format("%u events with %u bytes are more than can be read",
                                            f.event_count, f.event_bytes));
  }
  std::vector<Buffer> events;
  std::uint64_t at = offset + kV01HeaderSize + std::uint64_t{kV01PageHeaderSize} * f.page_count;
  std::uint64_t left = f.event_bytes;
  for (std::uint32_t i = 0; i < f.event_count; ++i) {
    std::byte head[kV01EventHeaderSize];
    LT_TRY(source.read_exact(head, at));
    const auto size = load_be<std::uint32_t>(head);
    if (size == 0 || size > left) return Error::corrupt(at, format("invalid event size %u", size));
    Buffer data(size);
    LT_TRY(source.read_exact(data, at + kV01EventHeaderSize));
    events.push_back(std::move(data));
    at += kV01EventHeaderSize + size;
    left -= size;
  }
  if (left != 0) return Error::corrupt(at, "events are shorter than the header says");
  return events;
}

}  // namespace litetool::ltx
