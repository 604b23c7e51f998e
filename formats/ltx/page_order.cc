#include "formats/ltx/page_order.h"

#include "formats/base/text.h"

namespace litetool::ltx {

PageOrder::PageOrder(const Header& h, bool lock_page_allowed)
    : commit_(h.commit),
      lock_page_(h.lock_pgno()),
      snapshot_(h.is_snapshot()),
      lock_page_allowed_(lock_page_allowed) {}

Status PageOrder::add(Pgno pgno) {
  if (pgno == 0) return Error(Errc::kCorrupt, "page number is 0");
  if (pgno > commit_) {
    return Error(Errc::kCorrupt, format("page %u is beyond commit %u", pgno, commit_));
  }
  if (pgno <= last_) {
    return Error(Errc::kCorrupt, format("page %u follows page %u", pgno, last_));
  }
  if (pgno == lock_page_) {
    if (!lock_page_allowed_) {
      return Error(Errc::kCorrupt, format("page %u is the lock page", pgno));
    }
    has_lock_page_ = true;
  }
  std::uint64_t expected = std::uint64_t{last_} + 1;
  if (expected == lock_page_ && pgno != lock_page_) ++expected;
  if (snapshot_ && pgno != expected) {
    return Error(Errc::kCorrupt, format("snapshot lacks page %u", static_cast<Pgno>(expected)));
  }
  last_ = pgno;
  return {};
}

Status PageOrder::finish() const {
  const bool complete = last_ == commit_ || (commit_ == lock_page_ && last_ == commit_ - 1);
  if (snapshot_ && !complete) {
    return Error(Errc::kCorrupt, format("snapshot ends at page %u, commit is %u", last_, commit_));
  }
  return {};
}

std::uint64_t largest_commit(std::uint64_t bytes, std::uint32_t page_size) {
  constexpr std::uint64_t kMostOfOneByte = 255;
  constexpr std::uint64_t kLockPages = 1;  // in no file
  const std::uint64_t rest = bytes % page_size * kMostOfOneByte / page_size;
  return bytes / page_size * kMostOfOneByte + rest + kLockPages;
}

Status check_commit(const Header& h, std::uint64_t bytes) {
  if (h.commit <= largest_commit(bytes, h.page_size)) return {};
  return Error(Errc::kCorrupt,
               format("transaction %s claims a database of %u pages, which cannot be in %llu bytes",
                      h.max_txid.text().c_str(), h.commit, static_cast<unsigned long long>(bytes)));
}

}  // namespace litetool::ltx
