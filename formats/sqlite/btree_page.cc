#include "formats/sqlite/btree_page.h"

#include <algorithm>

#include "formats/base/text.h"
#include "formats/sqlite/file_header.h"
#include "formats/sqlite/record.h"

namespace litetool {
namespace {

constexpr std::size_t kMinCellSize = 4;

}  // namespace

std::uint32_t local_payload_size(std::uint64_t payload_size, std::uint32_t usable_size,
                                 bool table_leaf) {
  const std::uint32_t most = table_leaf ? usable_size - 35 : (usable_size - 12) * 64 / 255 - 23;
  if (payload_size <= most) return static_cast<std::uint32_t>(payload_size);
  const std::uint32_t least = (usable_size - 12) * 32 / 255 - 23;
  // A local part that makes the last overflow page full, where it fits.
  const auto wanted =
      static_cast<std::uint32_t>(least + (payload_size - least) % (usable_size - 4));
  return wanted <= most ? wanted : least;
}

Error BtreePage::corrupt(std::size_t at, std::string message) const {
  return Error::corrupt((std::uint64_t{pgno_} - 1) * page_.size() + at,
                        format("page %u: ", pgno_) + message);
}

Result<BtreePage> BtreePage::decode(Bytes page, Pgno pgno, std::uint32_t usable_size) {
  LT_CHECK(pgno >= 1 && usable_size >= 480 && usable_size <= page.size());
  BtreePage p;
  p.page_ = page;
  p.pgno_ = pgno;
  p.usable_size_ = usable_size;
  const std::size_t start = pgno == 1 ? kFileHeaderSize : 0;
  ByteReader r(page.subspan(start));
  const auto type = r.be<std::uint8_t>();
  if (type != 2 && type != 5 && type != 10 && type != 13) {
    return p.corrupt(start, format("not a b-tree page: type %u", type));
  }
  p.type_ = static_cast<BtreePageType>(type);
  p.first_freeblock_ = r.be<std::uint16_t>();
  p.cell_count_ = r.be<std::uint16_t>();
  const std::uint32_t content_start = r.be<std::uint16_t>();
  p.content_start_ = content_start == 0 ? kMaxPageSize : content_start;
  p.fragmented_bytes_ = r.be<std::uint8_t>();
  if (!p.leaf()) p.right_child_ = r.be<std::uint32_t>();
  p.pointers_at_ = start + r.position();
  if (p.content_start_ > usable_size) {
    return p.corrupt(start + 5, format("content starts at %u, behind the page", p.content_start_));
  }
  if (p.pointers_at_ + std::size_t{p.cell_count_} * 2 > p.content_start_) {
    return p.corrupt(start + 3, format("%u cells do not fit before the content", p.cell_count_));
  }
  return p;
}

Result<BtreeCell> BtreePage::cell(std::uint32_t index) const {
  LT_CHECK(index < cell_count_);
  const std::size_t pointer_at = pointers_at_ + std::size_t{index} * 2;
  const std::size_t at = load_be<std::uint16_t>(page_.data() + pointer_at);
  if (at < content_start_ || at >= usable_size_) {
    return corrupt(pointer_at, format("cell %u points to %zu, outside of the content", index, at));
  }
  const Bytes usable = page_.first(usable_size_);
  BtreeCell c;
  c.offset = at;
  std::size_t here = at;
  const auto ends_early = [&] { return corrupt(at, format("cell %u ends early", index)); };
  if (!leaf()) {
    if (usable_size_ - here < 4) return ends_early();
    c.left_child = load_be<std::uint32_t>(usable.data() + here);
    here += 4;
  }
  if (type_ != BtreePageType::kInteriorTable) {
    const Varint size = read_varint(usable.subspan(here));
    if (size.size == 0) return ends_early();
    c.payload_size = size.value;
    here += size.size;
  }
  if (table()) {
    const Varint rowid = read_varint(usable.subspan(here));
    if (rowid.size == 0) return ends_early();
    c.rowid = static_cast<std::int64_t>(rowid.value);
    here += rowid.size;
  }
  c.size = std::max(here - at, kMinCellSize);
  if (type_ == BtreePageType::kInteriorTable) return c;
  const std::uint32_t local = local_payload_size(c.payload_size, usable_size_, table());
  const bool spills = local < c.payload_size;
  if (usable_size_ - here < std::size_t{local} + (spills ? 4 : 0)) return ends_early();
  c.local = usable.subspan(here, local);
  c.size = std::max(here + local + (spills ? 4 : 0) - at, kMinCellSize);
  if (spills) c.overflow = load_be<std::uint32_t>(usable.data() + here + local);
  return c;
}

Status BtreePage::add_freeblocks(std::vector<Extent>& taken) const {
  std::size_t named_at = pointers_at_ - (leaf() ? 7 : 11);
  std::size_t lowest = content_start_;
  for (std::size_t at = first_freeblock_; at != 0;) {
    if (at < lowest || at + 4 > usable_size_) {
      return corrupt(named_at, format("freeblock at %zu is out of order or outside", at));
    }
    const std::size_t size = load_be<std::uint16_t>(page_.data() + at + 2);
    if (size < 4 || size > usable_size_ - at) {
      return corrupt(at + 2, format("freeblock of %zu bytes", size));
    }
    taken.push_back({at, at + size});
    named_at = at;
    lowest = at + size;
    at = load_be<std::uint16_t>(page_.data() + at);
  }
  return {};
}

Status BtreePage::check_space() const {
  std::vector<Extent> taken;
  for (std::uint32_t i = 0; i < cell_count_; ++i) {
    LT_ASSIGN(const BtreeCell c, cell(i));
    taken.push_back({c.offset, c.offset + c.size});
  }
  LT_TRY(add_freeblocks(taken));
  std::ranges::sort(taken, {}, &Extent::begin);
  std::size_t end = content_start_;
  std::size_t gaps = 0;
  for (const Extent& e : taken) {
    if (e.begin < end) return corrupt(e.begin, format("byte %zu is used twice", e.begin));
    gaps += e.begin - end;
    end = e.end;
  }
  if (end > usable_size_) return corrupt(usable_size_, "a cell goes beyond the page");
  gaps += usable_size_ - end;
  if (gaps != fragmented_bytes_) {
    return corrupt(pointers_at_ - (leaf() ? 1 : 5),
                   format("%zu bytes are lost, the header counts %u", gaps, fragmented_bytes_));
  }
  return {};
}

}  // namespace litetool
