#include "formats/sqlite/freelist.h"

#include <algorithm>

#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::size_t kTrunkHeaderSize = 8;
constexpr std::uint64_t kCountOffset = 36;  // in the database header

}  // namespace

Result<FreelistTrunk> FreelistTrunk::decode(Bytes page, std::uint32_t usable_size) {
  LT_CHECK(usable_size >= kTrunkHeaderSize && usable_size <= page.size());
  FreelistTrunk t;
  t.page_ = page;
  t.next_ = load_be<std::uint32_t>(page.data());
  t.leaf_count_ = load_be<std::uint32_t>(page.data() + 4);
  if (t.leaf_count_ > usable_size / 4 - 2) {
    return Error::corrupt(4, format("freelist trunk with %u leaves", t.leaf_count_));
  }
  return t;
}

Pgno FreelistTrunk::leaf(std::uint32_t index) const {
  LT_CHECK(index < leaf_count_);
  return load_be<std::uint32_t>(page_.data() + kTrunkHeaderSize + std::size_t{index} * 4);
}

Status walk_freelist(const DatabaseView& view, const std::function<void(Pgno, FreePage)>& visit) {
  const std::uint32_t counted = view.header.freelist_count;
  const std::uint32_t limit = std::min(counted, view.size_pages);
  std::uint32_t visited = 0;
  const auto check = [&](Pgno pgno, std::uint64_t at) -> Status {
    if (!view.has(pgno) || pgno == 1) {
      return Error::corrupt(at, format("freelist names page %u of %u", pgno, view.size_pages));
    }
    if (visited++ == limit) {
      return Error::corrupt(at,
                            format("freelist is longer than the %u pages of the header", counted));
    }
    return {};
  };
  std::uint64_t named_at = 32;
  for (Pgno trunk = view.header.freelist_trunk; trunk != 0;) {
    LT_TRY(check(trunk, named_at));
    LT_ASSIGN(const Bytes page, view.page(trunk));
    const std::uint64_t start = view.offset_of(trunk);
    Result<FreelistTrunk> t = FreelistTrunk::decode(page, view.header.usable_size());
    if (!t) return Error::corrupt(start + 4, t.error().message);
    visit(trunk, FreePage::kTrunk);
    for (std::uint32_t i = 0; i < t->leaf_count(); ++i) {
      LT_TRY(check(t->leaf(i), start + kTrunkHeaderSize + std::uint64_t{i} * 4));
      visit(t->leaf(i), FreePage::kLeaf);
    }
    named_at = start;
    trunk = t->next();
  }
  if (visited != counted) {
    return Error::corrupt(kCountOffset,
                          format("freelist has %u pages, the header counts %u", visited, counted));
  }
  return {};
}

}  // namespace litetool
