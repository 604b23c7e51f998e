#include "formats/ltx/file_checksum.h"

namespace litetool::ltx {

FileChecksum::FileChecksum(Variant variant, Bytes header_bytes)
    : crc_(variant == Variant::kV01 ? 0 : crc64(0, header_bytes)) {}

void FileChecksum::append(std::uint64_t crc, std::uint64_t length) {
  for (Slot& slot : slots_) {
    if (slot.length == length && slot.combine) {
      crc_ = (*slot.combine)(crc_, crc);
      return;
    }
    // A table pays from the second part of one length on.
    if (slot.length == length) slot.combine = std::make_unique<Crc64Combiner>(length);
    if (slot.length == 0) slot.length = length;
    if (slot.length == length) break;
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
    return Error::corrupt(tail.end - (v01 ? 0 : kTrailerSize),
                          "snapshot's pages have database checksum " + database_.text() +
                              ", post-apply is " + tail.trailer.post_apply.text());
  }
  return {};
}

}  // namespace litetool::ltx
