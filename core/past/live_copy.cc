#include "core/past/live_copy.h"

#include <utility>

#include "core/ltx/database_image.h"
#include "formats/base/crc64.h"
#include "formats/sqlite/page_lookup.h"

namespace litetool {

LiveCopy::LiveCopy(Buffer bytes, std::uint32_t page_size)
    : bytes_(std::move(bytes)), page_size_(page_size) {
  for (Pgno pgno = 1; pgno <= page_count(); ++pgno) {
    if (pgno == lock_page(page_size_)) continue;
    const Bytes page = Bytes(bytes_).subspan(std::size_t{pgno - 1} * page_size_, page_size_);
    checksum_ = checksum_xor(checksum_, page_checksum(pgno, page));
  }
}

std::shared_ptr<LiveCopy> LiveCopy::read(const Job& job, const std::string& path,
                                         std::uint64_t most) {
  const auto there = job.env.stat(kCwd, path);
  if (!there || static_cast<std::uint64_t>(there->st_size) > most) return nullptr;
  const auto image = DatabaseImage::open(job, path, 0);
  if (!image) return nullptr;
  const std::uint64_t size = std::uint64_t{(*image)->page_size()} * (*image)->page_count();
  if (size > most) return nullptr;
  Buffer bytes(size);
  if (!(*image)->read_pages(1, bytes)) return nullptr;
  const auto is_one_state = (*image)->confirm();
  if (!is_one_state || !*is_one_state) return nullptr;
  return std::shared_ptr<LiveCopy>(new LiveCopy(std::move(bytes), (*image)->page_size()));
}

Result<Bytes> LiveCopy::page(Pgno pgno) {
  if (pgno < 1 || pgno > page_count()) return outside_of_database(pgno, page_count());
  return Bytes(bytes_).subspan(std::size_t{pgno - 1} * page_size_, page_size_);
}

}  // namespace litetool
