#include "core/ltx/page_checksum_table.h"

#include <algorithm>
#include <span>
#include <utility>

namespace litetool {

Result<PageChecksumTable::Block> PageChecksumTable::load(std::uint64_t index) {
  Block block;
  block.entries.assign(kBlockEntries, 0);
  if (!spill_) return block;
  // What was never written reads as zeros, or lies behind the end.
  const auto raw = std::as_writable_bytes(std::span(block.entries));
  const auto read = spill_->file().read_at(raw, index * raw.size());
  if (!read) return read.error();
  return block;
}

Status PageChecksumTable::evict_one() {
  const auto oldest = std::ranges::min_element(
      blocks_, {}, [](const auto& entry) { return entry.second.last_use; });
  if (oldest->second.dirty) {
    if (!spill_) {
      LT_ASSIGN(auto file, AtomicFile::create(env_, path_, true));
      spill_.emplace(std::move(file));
    }
    const auto raw = std::as_bytes(std::span(oldest->second.entries));
    LT_TRY(spill_->file().write_at(raw, oldest->first * raw.size()));
  }
  blocks_.erase(oldest);
  return {};
}

Result<PageChecksumTable::Block*> PageChecksumTable::block_of(Pgno pgno) {
  const std::uint64_t index = (pgno - 1) / kBlockEntries;
  auto it = blocks_.find(index);
  if (it == blocks_.end()) {
    if (blocks_.size() >= kMaxBlocks) LT_TRY(evict_one());
    LT_ASSIGN(Block block, load(index));
    it = blocks_.emplace(index, std::move(block)).first;
  }
  it->second.last_use = ++uses_;
  return &it->second;
}

Result<Checksum> PageChecksumTable::get(Pgno pgno) {
  LT_ASSIGN(const Block* block, block_of(pgno));
  return Checksum{block->entries[(pgno - 1) % kBlockEntries]};
}

Status PageChecksumTable::set(Pgno pgno, Checksum checksum) {
  LT_ASSIGN(Block * block, block_of(pgno));
  block->entries[(pgno - 1) % kBlockEntries] = checksum.value;
  block->dirty = true;
  return {};
}

void PageChecksumTable::clear() {
  blocks_.clear();
  spill_.reset();
}

}  // namespace litetool
