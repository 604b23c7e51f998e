#include "formats/ltx/file_checksum.h"

namespace litetool::ltx {
namespace {

// From this many parts of one length on, a table pays.
constexpr std::uint64_t kTableFrom = 8;

}  // namespace

FileChecksum::FileChecksum(Variant variant, Bytes header_bytes)
    : crc_(variant == Variant::kV01 ? 0 : crc64(0, header_bytes)) {}

void FileChecksum::append(std::uint64_t crc, std::uint64_t length) {
  for (Slot& slot : slots_) {
    if (slot.count == 0) slot.length = length;
    if (slot.length != length) continue;
    if (++slot.count == kTableFrom) slot.combine = std::make_unique<Crc64Combiner>(length);
    if (slot.combine) {
      crc_ = (*slot.combine)(crc_, crc);
      return;
    }
    break;
  }
  crc_ = crc64_combine(crc_, crc, length);
}

ImageVerifier::ImageVerifier(const Header& header, Bytes header_bytes)
    : header_(header), file_(header.variant, header_bytes) {
  if (header.is_snapshot() && header.has_checksums()) {
    page_crc_ = std::make_unique<PageCrc>(header.page_size);
  }
}

void ImageVerifier::add(const Frame& frame, std::uint64_t logical_crc) {
  file_.append(logical_crc, frame.head.size() + header_.page_size);
  if (page_crc_ && frame.pgno != header_.lock_pgno()) {
    database_ = checksum_xor(database_, page_crc_->page_checksum(frame, logical_crc));
  }
}

// The ltx tool up to 0.5.2 counted the lock page in, which SQLite leaves zero: worth telling from
// damage.
std::string ImageVerifier::explain_mismatch(const Trailer& trailer) const {
  std::string message = "snapshot's pages have database checksum " + database_.text() +
                        ", post-apply is " + trailer.post_apply.text();
  const Pgno lock = header_.lock_pgno();
  if (header_.commit < lock) return message;
  const Checksum with_lock_page =
      checksum_xor(database_, page_checksum(lock, Buffer(header_.page_size)));
  if (with_lock_page == trailer.post_apply) {
    message += ", which counts the lock page in as ltx up to 0.5.2 did; the pages are sound";
  }
  return message;
}

Status ImageVerifier::finish(const Tail& tail) {
  const bool v01 = header_.variant == Variant::kV01;
  if (tail.hashed_size != 0) file_.append(tail.crc, tail.hashed_size);
  const Checksum stored = v01 ? header_.v01->page_block_checksum : tail.trailer.file_checksum;
  if (file_.value() != stored) {
    return Error::corrupt(
        tail.end - (v01 ? 0 : 8),
        "file checksum mismatch: stored " + stored.text() + ", computed " + file_.value().text());
  }
  if (page_crc_ && database_ != tail.trailer.post_apply) {
    return Error::corrupt(tail.end - (v01 ? 0 : kTrailerSize), explain_mismatch(tail.trailer));
  }
  return {};
}

}  // namespace litetool::ltx
