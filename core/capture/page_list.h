// Which pages a transaction has: some of a database, 4 bytes each, or all of them, which costs
// nothing.
#pragma once

#include <utility>
#include <vector>

#include "formats/base/ids.h"

namespace litetool {

class PageList {
 public:
  PageList() = default;
  // These, ascending, without the lock page.
  PageList(std::vector<Pgno> some) : some_(std::move(some)) {}  // NOLINT: implicit on purpose
  // 1..commit but the lock page.
  static PageList all(Pgno commit, std::uint32_t page_size) {
    PageList list;
    list.lock_ = lock_page(page_size);
    list.all_ = commit < list.lock_ ? commit : commit - 1;
    return list;
  }

  bool is_all() const { return all_ != 0; }
  std::size_t size() const { return some_.size() + all_; }
  bool empty() const { return size() == 0; }
  Pgno operator[](std::size_t i) const {
    if (all_ == 0) return some_[i];
    const auto pgno = static_cast<Pgno>(i + 1);
    return pgno < lock_ ? pgno : pgno + 1;
  }

 private:
  std::vector<Pgno> some_;
  Pgno all_ = 0;  // how many, where it is all
  Pgno lock_ = 0;
};

}  // namespace litetool
