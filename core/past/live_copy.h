// A small database that is in use, read into memory in one piece.
#pragma once

#include <memory>
#include <string>

#include "core/os/job.h"
#include "core/past/page_source.h"

namespace litetool {

class LiveCopy : public PageSource {
 public:
  // Its committed state at this moment; others can write again when this returns. Nothing where it
  // cannot be had at once: no database, a writer is at work, or more bytes than `most`.
  static std::shared_ptr<LiveCopy> read(const Job& job, const std::string& path,
                                        std::uint64_t most);

  std::uint32_t page_size() const override { return page_size_; }
  Pgno page_count() const override { return static_cast<Pgno>(bytes_.size() / page_size_); }
  Result<Bytes> page(Pgno pgno) override;
  // Of the whole database, as in the trailers of a history.
  Checksum checksum() const { return checksum_; }

 private:
  LiveCopy(Buffer bytes, std::uint32_t page_size);

  Buffer bytes_;
  std::uint32_t page_size_;
  Checksum checksum_ = kEmptyDatabase;
};

}  // namespace litetool
