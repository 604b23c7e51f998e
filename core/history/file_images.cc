#include "core/history/file_images.h"

#include <algorithm>
#include <utility>

#include "core/history/prepared_image.h"

namespace litetool {

HistoryImage history_image(const ltx::ImageInfo& image) {
  const ltx::Header& h = image.header;
  return HistoryImage{
      0,          h.page_size,    image.offset, image.size,  h.min_txid,
      h.max_txid, h.timestamp_ms, h.commit,     h.pre_apply, image.trailer.post_apply};
}

FileImages::FileImages(std::unique_ptr<File> file)
    : file_(std::move(file)),
      bytes_(std::make_unique<BackwardSource>(*file_)),
      end_(file_->size()) {}

Result<FileImages> FileImages::open(Env& env, int dir, const std::string& path) {
  // A mount that takes a prepared image back cuts the file short under the look at its end.
  constexpr int kLooks = 10;
  for (int look = 1;; ++look) {
    LT_ASSIGN(std::unique_ptr<File> file, env.open(dir, path, OpenMode::kRead));
    FileImages images(std::move(file));
    Status found = images.find_end();
    if (found) return images;
    LT_ASSIGN(const struct stat now, images.file_->stat());
    const bool was_cut = static_cast<std::uint64_t>(now.st_size) < images.file_->size();
    if (!was_cut || look == kLooks) return std::move(found).error();
  }
}

Status FileImages::find_end() {
  if (end_ == 0) return {};
  if (auto image = read_newest()) {
    newest_ = *image;
    return {};
  }
  LT_ASSIGN(const auto prepared, find_prepared_image(*file_, file_->size()));
  if (prepared) {
    end_ = prepared->offset;
  } else {
    LT_ASSIGN(const ltx::SegmentEnd good, ltx::find_segment_end(*file_));
    end_ = good.end;
  }
  // The end may have been finished since it was first read: nothing of that look is kept.
  bytes_ = std::make_unique<BackwardSource>(*file_);
  return {};
}

Result<HistoryImage> FileImages::read_newest() {
  LT_ASSIGN(const ltx::ImageInfo image, ltx::image_before(*bytes_, end_));
  return history_image(image);
}

Result<std::optional<HistoryImage>> FileImages::next() {
  if (end_ == 0) return std::optional<HistoryImage>();
  std::optional<HistoryImage> image = std::exchange(newest_, std::nullopt);
  if (!image) {
    LT_ASSIGN(image, read_newest());
  }
  end_ = image->offset;
  return image;
}

}  // namespace litetool
