// Whole databases: b-trees, records, schema, freelist, pointer maps, page kinds and owners.
#include "formats/sqlite/btree_cursor.h"
#include "formats/sqlite/freelist.h"
#include "formats/sqlite/overflow.h"
#include "formats/sqlite/page_map.h"
#include "formats/sqlite/page_rows.h"
#include "formats/sqlite/pointer_map.h"
#include "formats/sqlite/record.h"
#include "formats/sqlite/tree_pages.h"
#include "tests/fuzz/fuzz.h"

namespace litetool {
namespace {

constexpr std::uint32_t kMaxPages = 512;

void read_payload(Bytes payload, TextEncoding encoding) {
  const auto values = decode_record(payload);
  if (!values) return;
  std::size_t total = 0;
  for (const Value& value : *values) {
    total += value.bytes.size();
    if (value.type == ValueType::kText) text_utf8(value.bytes, encoding);
  }
  require(total <= payload.size(), "values are in the payload");
}

void walk_tree(const DatabaseView& view, Pgno root) {
  BtreeCursor cursor(view, root);
  std::uint64_t bytes = 0;
  while (true) {
    const auto entry = cursor.next();
    if (!entry || !entry->has_value()) break;
    bytes += (*entry)->payload.size();
    require(bytes <= std::uint64_t{view.size_pages} * view.header.page_size,
            "no more payload than the database has room for");
    read_payload((*entry)->payload, view.header.text_encoding);
  }
}

// The same rows, found from the pages of each tree.
void walk_pages(const DatabaseView& view) {
  const auto trees = find_trees(view);
  if (!trees) return;
  std::uint64_t pages = 0;
  for (const TreePages& tree : trees->trees) {
    pages += tree.leaves.size() + tree.interior.size();
    std::uint64_t bytes = 0;
    PageRows rows(view, tree.leaves);
    while (true) {
      const auto row = rows.next();
      if (!row || !row->has_value()) break;
      bytes += (*row)->payload.size();
    }
    require(bytes <= std::uint64_t{view.size_pages} * view.header.page_size,
            "no more payload than the database has room for");
  }
  require(pages <= view.size_pages, "no page is in two trees");
}

void read_page(const DatabaseView& view, Pgno pgno, Bytes bytes) {
  guess_page_kind(bytes, pgno, view.header, view.size_pages);
  const auto page = BtreePage::decode(bytes, pgno, view.header.usable_size());
  if (page) {
    for (std::uint32_t i = 0; i < page->cell_count(); ++i) {
      const auto cell = page->cell(i);
      if (cell) {
        require(cell->offset + cell->local.size() <= bytes.size(), "a cell is on its page");
        const auto visited = visit_overflow(view, *cell, [&](Pgno overflow) -> Status {
          require(view.has(overflow), "an overflow page is in the database");
          return {};
        });
        static_cast<void>(visited);  // only its handling is tried
        read_payload(cell->local, view.header.text_encoding);
      }
    }
  }
  const auto trunk = FreelistTrunk::decode(bytes, view.header.usable_size());
  if (trunk && trunk->leaf_count() > 0) trunk->leaf(trunk->leaf_count() - 1);
  for (Pgno p = pgno; p < pgno + 4; ++p) {
    const auto entry = decode_pointer_entry(bytes, p, view.header);
    static_cast<void>(entry);  // only its handling is tried
  }
}

void read(Bytes input) {
  const auto header = decode_file_header(input);
  if (!header) return;
  const std::uint32_t page_size = header->page_size;
  const auto pages = static_cast<std::uint32_t>(input.size() / page_size);
  const auto page_at = [&](Pgno pgno) -> Result<Bytes> {
    return input.subspan((std::size_t{pgno} - 1) * page_size, page_size);
  };
  const DatabaseView view{page_at, *header, std::min(pages, kMaxPages)};
  for (Pgno pgno = 1; pgno <= view.size_pages; ++pgno) read_page(view, pgno, *page_at(pgno));

  std::uint64_t free_pages = 0;
  const Status freelist = walk_freelist(view, [&](Pgno pgno, FreePage) {
    require(view.has(pgno), "a free page is in the database");
    ++free_pages;
  });
  require(free_pages <= header->freelist_count, "no more free pages than the header counts");
  static_cast<void>(freelist);
  const auto schema = read_schema(view);
  if (schema) {
    for (const SchemaRow& row : *schema) walk_tree(view, row.root);
  }
  walk_pages(view);
  const auto map = map_pages(view);
  if (!map) return;
  require(map->kinds.size() == std::size_t{view.size_pages} + 1, "every page has a kind");
  for (Pgno pgno = 1; pgno <= view.size_pages; ++pgno) map->owner(pgno);
}

}  // namespace
}  // namespace litetool

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  litetool::read(litetool::fuzz_bytes(data, size));
  return 0;
}
