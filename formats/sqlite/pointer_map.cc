#include "formats/sqlite/pointer_map.h"

#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::uint32_t kEntrySize = 5;

}  // namespace

const char* pointer_type_text(PointerType type) {
  switch (type) {
    case PointerType::kRoot:
      return "root";
    case PointerType::kFree:
      return "free";
    case PointerType::kFirstOverflow:
      return "first overflow";
    case PointerType::kOverflow:
      return "overflow";
    case PointerType::kBtree:
      return "b-tree";
  }
  return "unknown";
}

Pgno pointer_map_page(Pgno pgno, const FileHeader& header) {
  if (pgno < 2) return 0;
  const std::uint32_t stride = header.usable_size() / kEntrySize + 1;
  const Pgno map = (pgno - 2) / stride * stride + 2;
  return map == lock_page(header.page_size) ? map + 1 : map;
}

Result<PointerEntry> decode_pointer_entry(Bytes map, Pgno pgno, const FileHeader& header) {
  const Pgno map_page = pointer_map_page(pgno, header);
  if (map_page == 0 || pgno <= map_page) {
    return Error(Errc::kNotFound, format("page %u has no entry in the pointer map", pgno));
  }
  const std::size_t at = std::size_t{pgno - map_page - 1} * kEntrySize;
  if (at + kEntrySize > map.size())
    return Error::corrupt(map.size(), "pointer map page ends early");
  const auto type = std::to_integer<std::uint8_t>(map[at]);
  if (type < 1 || type > 5) {
    return Error::corrupt(at, format("pointer map: page %u has type %u", pgno, type));
  }
  return PointerEntry{static_cast<PointerType>(type), load_be<std::uint32_t>(map.data() + at + 1)};
}

}  // namespace litetool
