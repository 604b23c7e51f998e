// A database file as a PageSource: one committed state, while others may write.
#pragma once

#include <memory>
#include <utility>

#include "core/ltx/database_image.h"
#include "core/past/page_source.h"

namespace litetool {

class LivePages : public PageSource {
 public:
  // See DatabaseImage; its confirm() is the caller's to ask at the end.
  explicit LivePages(std::unique_ptr<DatabaseImage> image)
      : image_(std::move(image)), page_(image_->page_size()) {}

  std::uint32_t page_size() const override { return image_->page_size(); }
  Pgno page_count() const override { return image_->page_count(); }
  Result<Bytes> page(Pgno pgno) override;
  const DatabaseImage& image() const { return *image_; }

 private:
  std::unique_ptr<DatabaseImage> image_;
  Buffer page_;
};

}  // namespace litetool
