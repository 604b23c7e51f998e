#include "formats/sqlite/page_map.h"

#include <algorithm>

#include "formats/base/text.h"
#include "formats/sqlite/freelist.h"
#include "formats/sqlite/pointer_map.h"

namespace litetool {
namespace {

constexpr std::size_t kMaxProblems = 100;

class Mapper {
 public:
  explicit Mapper(const DatabaseView& view) : view_(view) {
    map_.kinds.resize(std::size_t{view.size_pages} + 1, PageKind::kUnknown);
    map_.owners.resize(std::size_t{view.size_pages} + 1, 0);
  }

  Result<PageMap> run() {
    mark_fixed_pages();
    read_objects();
    for (std::size_t i = 0; i < map_.objects.size(); ++i) {
      LT_TRY(walk_tree(map_.objects[i].root, static_cast<std::uint32_t>(i + 1)));
    }
    mark_freelist();
    for (Pgno pgno = 1; pgno <= view_.size_pages; ++pgno) {
      const bool reached = map_.kinds[pgno] != PageKind::kUnknown || map_.owners[pgno] != 0;
      if (!reached) problem(pgno, "nothing leads to this page");
      if (pgno == view_.size_pages) break;  // the largest page number has no successor
    }
    return std::move(map_);
  }

 private:
  void problem(Pgno pgno, std::string message) {
    problem_at(pgno, view_.offset_of(pgno), format("page %u: ", pgno) + std::move(message));
  }
  void problem_at(Pgno pgno, std::uint64_t offset, std::string message) {
    ++map_.problem_count;
    if (map_.problems.size() < kMaxProblems) {
      map_.problems.push_back({pgno, offset, std::move(message)});
    }
  }
  void problem_of(const Error& e, Pgno pgno) {
    problem_at(pgno, e.offset.value_or(view_.offset_of(pgno)), e.message);
  }

  // Gives a page its kind and owner; false, and a problem, where it cannot be or is taken.
  bool claim(Pgno pgno, PageKind kind, std::uint32_t owner, Pgno from) {
    if (!view_.has(pgno)) {
      problem(from, format("points to page %u of %u", pgno, view_.size_pages));
      return false;
    }
    if (map_.kinds[pgno] != PageKind::kUnknown) {
      problem(from, format("points to page %u, which is in use already as %s", pgno,
                           page_kind_text(map_.kinds[pgno])));
      return false;
    }
    map_.kinds[pgno] = kind;
    map_.owners[pgno] = owner;
    return true;
  }

  void mark_fixed_pages() {
    const Pgno locked = lock_page(view_.header.page_size);
    if (view_.has(locked)) map_.kinds[locked] = PageKind::kLockPage;
    if (view_.header.auto_vacuum() == AutoVacuum::kNone) return;
    const std::uint64_t stride = view_.header.usable_size() / 5 + 1;
    for (std::uint64_t pgno = 2; pgno <= view_.size_pages; pgno += stride) {
      const Pgno map_page = pointer_map_page(static_cast<Pgno>(pgno), view_.header);
      if (view_.has(map_page)) map_.kinds[map_page] = PageKind::kPointerMap;
    }
  }

  void read_objects() {
    map_.objects.push_back({"table", "sqlite_schema", "sqlite_schema", 1, ""});
    Result<std::vector<SchemaRow>> rows = read_schema(view_);
    if (!rows) {
      problem_of(rows.error(), 1);
      return;
    }
    for (SchemaRow& row : *rows) {
      if (row.root != 0) map_.objects.push_back(std::move(row));
    }
  }

  Status walk_tree(Pgno root, std::uint32_t owner) {
    std::vector<Pgno> pending;
    if (claim(root, PageKind::kTableLeaf, owner, 1)) pending.push_back(root);
    while (!pending.empty()) {
      const Pgno pgno = pending.back();
      pending.pop_back();
      LT_ASSIGN(const Bytes found, view_.page(pgno));
      const Buffer bytes(found.begin(), found.end());
      const auto page = BtreePage::decode(bytes, pgno, view_.header.usable_size());
      if (!page) {
        map_.kinds[pgno] = PageKind::kUnknown;
        problem_of(page.error(), pgno);
        continue;
      }
      map_.kinds[pgno] = page_kind_of(page->type());
      LT_TRY(walk_cells(*page, pgno, owner, pending));
    }
    return {};
  }

  Status walk_cells(const BtreePage& page, Pgno pgno, std::uint32_t owner,
                    std::vector<Pgno>& pending) {
    const auto descend = [&](Pgno child) {
      if (claim(child, PageKind::kTableLeaf, owner, pgno)) pending.push_back(child);
    };
    bool cells_decode = true;
    for (std::uint32_t i = 0; i < page.cell_count(); ++i) {
      const Result<BtreeCell> cell = page.cell(i);
      if (!cell) {
        problem_of(cell.error(), pgno);
        cells_decode = false;
        continue;
      }
      if (!page.leaf()) descend(cell->left_child);
      if (cell->local.size() < cell->payload_size) LT_TRY(walk_overflow(*cell, pgno, owner));
    }
    if (!page.leaf()) descend(page.right_child());
    if (cells_decode) {
      const Status space = page.check_space();
      if (!space.ok()) problem_of(space.error(), pgno);
    }
    return {};
  }

  Status walk_overflow(const BtreeCell& cell, Pgno from, std::uint32_t owner) {
    std::uint64_t left = cell.payload_size - cell.local.size();
    Pgno pgno = cell.overflow;
    while (left > 0 && claim(pgno, PageKind::kOverflow, owner, from)) {
      LT_ASSIGN(const Bytes page, view_.page(pgno));
      left -= std::min<std::uint64_t>(left, view_.header.usable_size() - 4);
      from = pgno;
      pgno = load_be<std::uint32_t>(page.data());
    }
    if (left == 0 && pgno != 0) problem(from, "overflow chain is longer than the payload");
    return {};
  }

  void mark_freelist() {
    const Status walked = walk_freelist(view_, [this](Pgno pgno, FreePage free) {
      claim(pgno, free == FreePage::kTrunk ? PageKind::kFreelistTrunk : PageKind::kFreelistLeaf, 0,
            pgno);
    });
    if (!walked.ok()) problem_of(walked.error(), view_.header.freelist_trunk);
  }

  const DatabaseView& view_;
  PageMap map_;
};

}  // namespace

const SchemaRow* PageMap::owner(Pgno pgno) const {
  if (pgno >= owners.size() || owners[pgno] == 0) return nullptr;
  return &objects[owners[pgno] - 1];
}

Result<PageMap> map_pages(const DatabaseView& view) {
  return Mapper(view).run();
}

}  // namespace litetool
