#include "formats/sqlite/overflow.h"

#include <algorithm>

namespace litetool {

Status append_overflow(const DatabaseView& view, const BtreeCell& cell, Buffer& payload) {
  const std::uint32_t room = view.header.usable_size() - 4;
  Pgno pgno = cell.overflow;
  while (payload.size() < cell.payload_size) {
    LT_ASSIGN(const Bytes page, view.page(pgno));
    const auto n = std::min<std::uint64_t>(room, cell.payload_size - payload.size());
    const Bytes part = page.subspan(4, static_cast<std::size_t>(n));
    payload.insert(payload.end(), part.begin(), part.end());
    pgno = load_be<std::uint32_t>(page.data());
  }
  return {};
}

Status visit_overflow(const DatabaseView& view, const BtreeCell& cell,
                      const std::function<Status(Pgno)>& visit) {
  if (cell.overflow == 0) return {};
  const std::uint64_t room = view.header.usable_size() - 4;
  std::uint64_t left = (cell.payload_size - cell.local.size() + room - 1) / room;
  Pgno pgno = cell.overflow;
  for (left = std::min<std::uint64_t>(left, view.size_pages); left > 0; --left) {
    LT_ASSIGN(const Bytes page, view.page(pgno));
    const auto next = load_be<std::uint32_t>(page.data());
    LT_TRY(visit(pgno));
    pgno = next;
  }
  return {};
}

}  // namespace litetool
