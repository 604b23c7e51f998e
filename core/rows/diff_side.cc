#include "core/rows/diff_side.h"

#include <algorithm>

namespace litetool {

Result<DatabaseView> view_of_state(PageSource& pages) {
  if (pages.page_count() == 0) return DatabaseView{};
  LT_ASSIGN(const Bytes first, pages.page(1));
  LT_ASSIGN(const FileHeader header, decode_file_header(first));
  if (header.page_size != pages.page_size()) {
    return Error::corrupt(16, "the database header has another page size than the history");
  }
  return DatabaseView{[&pages](Pgno pgno) { return pages.page(pgno); }, header, pages.page_count()};
}

Result<std::unique_ptr<DiffSide>> DiffSide::open(const Job& job, PageSource& pages) {
  auto side = std::make_unique<DiffSide>();
  side->pages = &pages;
  LT_ASSIGN(side->sql, SqlConnection::open(job, pages));
  LT_ASSIGN(side->view, view_of_state(pages));
  if (side->view.size_pages > 0) {
    LT_ASSIGN(side->trees, find_trees(side->view));
  }
  return side;
}

const SchemaRow* DiffSide::object(const std::string& type, const std::string& name) const {
  const auto found = std::ranges::find_if(
      trees.schema, [&](const SchemaRow& row) { return row.type == type && row.name == name; });
  return found == trees.schema.end() ? nullptr : &*found;
}

const TreePages* DiffSide::table(const std::string& name) const {
  const auto found = std::ranges::find_if(trees.trees, [&](const TreePages& tree) {
    return tree.object.type == "table" && tree.object.name == name;
  });
  return found == trees.trees.end() ? nullptr : &*found;
}

}  // namespace litetool
