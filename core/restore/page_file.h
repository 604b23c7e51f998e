// The pages of a database on their way into its new file, in whatever order they are found.
#pragma once

#include "core/os/env.h"
#include "core/os/writeback.h"
#include "formats/base/ids.h"

namespace litetool {

class PageFile {
 public:
  // The file outlives the object.
  PageFile(File& file, std::uint32_t page_size) : file_(file), page_size_(page_size) {}

  // Writes a run of neighbouring pages, the first one's number given. Where pages come in order and
  // close together, the kernel begins to put them on the disk while others are still to come: a
  // sync at the end finds little left to wait for.
  Status write(Pgno first, Bytes pages) {
    const std::uint64_t at = (std::uint64_t{first} - 1) * page_size_;
    LT_TRY(file_.write_at(pages, at));
    if (at < end_) {
      begin_ = at;
      written_ = 0;
    }
    end_ = at + pages.size();
    written_ += pages.size();
    // Between scattered pages others are still to come, and all go to the disk together then.
    const bool is_dense = written_ > (end_ - begin_) / 2;
    if (written_ < kWritebackSize || !is_dense) return {};
    start_writeback(file_, begin_, end_ - begin_);
    begin_ = end_;
    written_ = 0;
    return {};
  }

 private:
  static constexpr std::uint64_t kWritebackSize = std::uint64_t{4} << 20;

  File& file_;
  const std::uint32_t page_size_;
  // The bytes of the file in which `written_` were written, each run behind the one before it.
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
  std::uint64_t written_ = 0;
};

}  // namespace litetool
