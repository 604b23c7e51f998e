#include "formats/sqlite/wal_index.h"

#include <algorithm>

#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::uint32_t kWalIndexVersion = 3007000;
constexpr std::size_t kCopySize = 48;
constexpr std::size_t kChecksummedSize = 40;
constexpr std::uint32_t kSlots = 8192;
constexpr std::uint32_t kHashFactor = 383;
constexpr std::size_t kSlotsSize = kSlots * 2;
constexpr std::uint32_t kFramesPerBlock = (kWalIndexBlockSize - kSlotsSize) / 4;
constexpr std::uint32_t kFramesInFirstBlock = kFramesPerBlock - kWalIndexHeaderSize / 4;

// One block's page numbers, and where they and its slots begin in the file.
struct Block {
  std::size_t pgnos_at;
  std::size_t slots_at;
  std::uint32_t frames;  // it has room for
};

Block block_at(std::size_t index) {
  const std::size_t start = index * kWalIndexBlockSize;
  const std::size_t slots = start + kWalIndexBlockSize - kSlotsSize;
  if (index == 0) return {kWalIndexHeaderSize, slots, kFramesInFirstBlock};
  return {start, slots, kFramesPerBlock};
}

bool found_through_slots(Bytes shm, const Block& block, Pgno pgno, std::uint32_t index) {
  std::uint32_t slot = pgno * kHashFactor % kSlots;
  for (std::uint32_t tries = 0; tries < kSlots; ++tries, slot = (slot + 1) % kSlots) {
    const auto entry = load<std::uint16_t>(shm.data() + block.slots_at + slot * 2);
    if (entry == index) return true;
    if (entry == 0) return false;
  }
  return false;
}

}  // namespace

const char* wal_index_verdict_text(WalIndexVerdict verdict) {
  switch (verdict) {
    case WalIndexVerdict::kOk:
      return "ok";
    case WalIndexVerdict::kTorn:
      return "torn";
    case WalIndexVerdict::kNotInitialised:
      return "not initialised";
    case WalIndexVerdict::kUnsupported:
      return "unsupported";
  }
  return "unknown";
}

WalIndexLook decode_wal_index(Bytes first) {
  if (first.size() < kWalIndexHeaderSize) return {};
  const std::byte* p = first.data();
  if (!std::equal(p, p + kCopySize, p + kCopySize)) return {WalIndexVerdict::kTorn, {}};
  if (p[12] == std::byte{0}) return {};
  constexpr bool kBigEndianHost = std::endian::native == std::endian::big;
  const WalChecksum sum = wal_checksum({}, first.first(kChecksummedSize), kBigEndianHost);
  if (sum != WalChecksum{load<std::uint32_t>(p + 40), load<std::uint32_t>(p + 44)}) {
    return {WalIndexVerdict::kTorn, {}};
  }
  WalIndexHeader h;
  h.change_counter = load<std::uint32_t>(p + 8);
  h.big_endian_checksum = p[13] != std::byte{0};
  const std::uint32_t raw_page_size = load<std::uint16_t>(p + 14);
  h.page_size = raw_page_size == 1 ? kMaxPageSize : raw_page_size;
  h.mx_frame = load<std::uint32_t>(p + 16);
  h.size_pages = load<std::uint32_t>(p + 20);
  h.frame_checksum = {load<std::uint32_t>(p + 24), load<std::uint32_t>(p + 28)};
  h.salts = load_be<std::uint64_t>(p + 32);
  h.n_backfill = load<std::uint32_t>(p + 96);
  for (std::size_t i = 0; i < h.read_marks.size(); ++i) {
    h.read_marks[i] = load<std::uint32_t>(p + 100 + i * 4);
  }
  h.n_backfill_attempted = load<std::uint32_t>(p + 128);
  // An index that was rebuilt over an empty log has no page size yet.
  const bool page_size_ok = is_page_size(h.page_size) || (h.page_size == 0 && h.mx_frame == 0);
  const bool known = load<std::uint32_t>(p) == kWalIndexVersion && page_size_ok;
  return {known ? WalIndexVerdict::kOk : WalIndexVerdict::kUnsupported, h};
}

Result<std::vector<Pgno>> wal_index_pages(Bytes shm, std::uint32_t mx_frame) {
  std::vector<Pgno> pages;
  for (std::size_t b = 0; pages.size() < mx_frame; ++b) {
    const Block block = block_at(b);
    if (shm.size() < (b + 1) * kWalIndexBlockSize) {
      return Error::corrupt(shm.size(), format("wal-index ends before frame %u", mx_frame));
    }
    for (std::uint32_t i = 0; i < block.frames && pages.size() < mx_frame; ++i) {
      const std::size_t at = block.pgnos_at + std::size_t{i} * 4;
      const auto pgno = load<std::uint32_t>(shm.data() + at);
      if (pgno == 0) return Error::corrupt(at, "wal-index: frame without a page number");
      if (!found_through_slots(shm, block, pgno, i + 1)) {
        return Error::corrupt(
            at, format("wal-index: frame %zu is not in the hash table", pages.size() + 1));
      }
      pages.push_back(pgno);
    }
  }
  return pages;
}

}  // namespace litetool
