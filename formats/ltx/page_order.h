// Which pages a file may hold, in which order: the same rules for reading and writing.
//
// Strictly ascending, 1 <= pgno <= commit, never the lock page; a snapshot holds every page from 1
// to commit. Files of ltx 0.2.10 and older may hold the lock page: tolerated where the caller says
// so.
#pragma once

#include "formats/ltx/header.h"

namespace litetool::ltx {

class PageOrder {
 public:
  PageOrder(const Header& h, bool lock_page_allowed);
  // The next page; kCorrupt without an offset if it may not stand here.
  Status add(Pgno pgno);
  // After the last page: a snapshot must be complete.
  Status finish() const;
  bool has_lock_page() const { return has_lock_page_; }
  Pgno last() const { return last_; }

 private:
  Pgno commit_;
  Pgno lock_page_;
  Pgno last_ = 0;
  bool snapshot_;
  bool lock_page_allowed_;
  bool has_lock_page_ = false;
};

// The largest commit for which LTX files of so many bytes can have all pages: LZ4 makes at most 255
// bytes of one. What a header claims is to be held against it before memory is reserved.
std::uint64_t largest_commit(std::uint64_t bytes, std::uint32_t page_size);
// kCorrupt without an offset for a header that claims more.
Status check_commit(const Header& h, std::uint64_t bytes);

}  // namespace litetool::ltx
