#include "formats/sqlite/tree_pages.h"

#include <utility>

#include "formats/base/text.h"
#include "formats/sqlite/btree_page.h"

namespace litetool {
namespace {

constexpr std::size_t kMaxDepth = 20;

class Finder {
 public:
  explicit Finder(const DatabaseView& view) : view_(view) {
    found_.owners.resize(std::size_t{view.size_pages} + 1);
  }

  Result<DatabaseTrees> run() {
    LT_ASSIGN(found_.schema, read_schema(view_));
    LT_TRY(add({"table", "sqlite_schema", "sqlite_schema", 1, ""}));
    for (const SchemaRow& row : found_.schema) {
      if (row.root != 0) LT_TRY(add(row));
    }
    return std::move(found_);
  }

 private:
  // An interior page whose children are being found.
  struct Level {
    std::vector<Pgno> children;
    std::size_t next = 0;
  };

  Status add(const SchemaRow& object) {
    found_.trees.push_back({object, true, {}, {}});
    TreePages& tree = found_.trees.back();
    LT_ASSIGN(const std::size_t height, height_of(tree));
    std::vector<Level> levels(1, Level{{object.root}, 0});
    while (!levels.empty()) {
      Level& top = levels.back();
      if (top.next == top.children.size()) {
        levels.pop_back();
        continue;
      }
      const Pgno pgno = top.children[top.next++];
      LT_TRY(claim(pgno));
      if (levels.size() == height) {
        tree.leaves.push_back(pgno);
        continue;
      }
      tree.interior.push_back(pgno);
      LT_ASSIGN(Level children, children_of(pgno, tree));
      levels.push_back(std::move(children));
    }
    return {};
  }

  // Pages from the root to a leaf; and what kind of tree it is.
  Result<std::size_t> height_of(TreePages& tree) const {
    Pgno pgno = tree.object.root;
    for (std::size_t height = 1; height <= kMaxDepth; ++height) {
      LT_ASSIGN(const Bytes bytes, view_.page(pgno));
      LT_ASSIGN(const BtreePage page, BtreePage::decode(bytes, pgno, view_.header.usable_size()));
      tree.by_rowid = page.table();
      if (page.leaf()) return height;
      pgno = page.right_child();
      if (page.cell_count() > 0) {
        LT_ASSIGN(const BtreeCell cell, page.cell(0));
        pgno = cell.left_child;
      }
    }
    return Error::corrupt(view_.offset_of(pgno), format("page %u: b-tree is too deep", pgno));
  }

  Result<Level> children_of(Pgno pgno, const TreePages& tree) const {
    LT_ASSIGN(const Bytes bytes, view_.page(pgno));
    LT_ASSIGN(const BtreePage page, BtreePage::decode(bytes, pgno, view_.header.usable_size()));
    if (page.leaf() || page.table() != tree.by_rowid) {
      return Error::corrupt(view_.offset_of(pgno),
                            format("page %u: not an interior page of its b-tree", pgno));
    }
    Level level;
    for (std::uint32_t i = 0; i < page.cell_count(); ++i) {
      LT_ASSIGN(const BtreeCell cell, page.cell(i));
      level.children.push_back(cell.left_child);
    }
    level.children.push_back(page.right_child());
    return level;
  }

  Status claim(Pgno pgno) {
    if (!view_.has(pgno)) {
      return Error(Errc::kCorrupt,
                   format("a b-tree leads to page %u of %u", pgno, view_.size_pages));
    }
    if (found_.owners[pgno] != 0) {
      return Error::corrupt(view_.offset_of(pgno),
                            format("page %u is found twice in the b-trees", pgno));
    }
    found_.owners[pgno] = static_cast<std::uint32_t>(found_.trees.size());
    return {};
  }

  const DatabaseView& view_;
  DatabaseTrees found_;
};

}  // namespace

Result<DatabaseTrees> find_trees(const DatabaseView& view) {
  return Finder(view).run();
}

}  // namespace litetool
