// A history folder as a mount and compaction leave it: segments, ranges and a base at random.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "core/history/layout.h"
#include "core/source/find_source.h"
#include "tests/support/ltx_images.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {

class RandomHistory {
 public:
  static constexpr std::int64_t kFirstMs = 1'700'000'000'000;

  explicit RandomHistory(unsigned seed) : random_(seed) {
    if (random_() % 2 == 0) {
      add(1 + random_() % 5, true);
      flush(ltx::file_name({Txid{1}, points_.back()}));
    }
    const std::size_t files = 1 + random_() % 5;
    for (std::size_t i = 0; i < files; ++i) {
      const bool is_segment = i + 1 == files || random_() % 2 == 0;
      add_file(is_segment);
    }
  }
  const std::string& path() const { return dir_.path(); }
  TempDir& dir() { return dir_; }
  SourcePlace place() const { return {SourceKind::kLitetool, "app.db", {dir_.path()}}; }
  Txid last() const { return Txid{last_}; }

 private:
  static constexpr std::uint32_t kPageSize = 512;

  void add_file(bool is_segment) {
    const std::size_t images = 1 + random_() % 6;
    points_.clear();
    for (std::size_t i = 0; i < images; ++i) {
      const bool snapshot = last_ == 0 || random_() % 8 == 0;
      const bool one = is_segment || snapshot || random_() % 2 == 0;
      add(one ? 1 : 1 + random_() % 4, snapshot);
    }
    if (is_segment) return flush(segment_name(points_.front()));
    flush(compacted_name(points_.front(), points_.back(), points_.size()));
  }
  // An image of so many transactions.
  void add(std::uint64_t transactions, bool snapshot) {
    const std::uint64_t max = last_ + transactions;
    const Pages pages{{1, mixed_page(kPageSize, max)}};
    ms_ += static_cast<std::int64_t>(random_() % 3) * 1000;
    const auto header = ltx_header(ltx::Variant::kV3Block, kPageSize, 1, snapshot ? 1 : last_ + 1,
                                   max, database_checksum(before_), ms_);
    const Buffer image = make_ltx(header, pages, database_checksum(pages));
    before_ = pages;
    bytes_.insert(bytes_.end(), image.begin(), image.end());
    last_ = max;
    points_.push_back(Txid{max});
  }
  void flush(const std::string& name) {
    write_file(dir_.file(name), bytes_);
    bytes_.clear();
  }

  std::mt19937 random_;
  TempDir dir_;
  Pages before_;
  Buffer bytes_;
  std::vector<Txid> points_;
  std::uint64_t last_ = 0;
  std::int64_t ms_ = kFirstMs;
};

}  // namespace litetool::test
