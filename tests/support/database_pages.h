// The pages of a database file, held in memory as they were.
#pragma once

#include <filesystem>
#include <string>

#include "core/past/page_source.h"
#include "formats/base/text.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {

class DatabasePages : public PageSource {
 public:
  // What the file holds now; no log is looked at.
  explicit DatabasePages(const std::string& path) : bytes_(read_file(path)) {
    if (bytes_.empty()) return;
    const auto stored = load_be<std::uint16_t>(bytes_.data() + 16);
    page_size_ = stored == 1 ? 65536 : stored;
  }
  explicit DatabasePages(Buffer bytes, std::uint32_t page_size)
      : bytes_(std::move(bytes)), page_size_(page_size) {}

  std::uint32_t page_size() const override { return page_size_; }
  Pgno page_count() const override {
    return page_size_ == 0 ? 0 : static_cast<Pgno>(bytes_.size() / page_size_);
  }
  Result<Bytes> page(Pgno pgno) override {
    if (pgno < 1 || pgno > page_count()) return Error(Errc::kCorrupt, "outside");
    if (pgno == lost_) return Error(Errc::kBrokenChain, format("page %u is lost", pgno));
    return Bytes(bytes_).subspan((std::size_t{pgno} - 1) * page_size_, page_size_);
  }
  Buffer& bytes() { return bytes_; }
  void lose(Pgno pgno) { lost_ = pgno; }

 private:
  Buffer bytes_;
  std::uint32_t page_size_ = 0;
  Pgno lost_ = 0;
};

}  // namespace litetool::test
