#include "core/history/file_images.h"

#include <algorithm>
#include <utility>

#include "core/history/layout.h"
#include "core/history/prepared_image.h"

namespace litetool {

HistoryImage history_image(const ltx::ImageInfo& image) {
  const ltx::Header& h = image.header;
  return HistoryImage{
      0,          h.page_size,    image.offset, image.size,  h.min_txid,
      h.max_txid, h.timestamp_ms, h.commit,     h.pre_apply, image.trailer.post_apply};
}

FileImages::FileImages(std::unique_ptr<File> file, std::string name)
    : file_(std::move(file)),
      name_(std::move(name)),
      bytes_(std::make_unique<BackwardSource>(*file_)),
      end_(file_->size()) {}

Result<FileImages> FileImages::open(Env& env, int dir, const std::string& path) {
  // A mount that takes a prepared image back cuts the file short under the look at its end.
  constexpr int kLooks = 10;
  for (int look = 1;; ++look) {
    LT_ASSIGN(std::unique_ptr<File> file, env.open(dir, path, OpenMode::kRead));
    FileImages images(std::move(file), path.substr(path.rfind('/') + 1));
    Status found = images.find_end();
    if (found) return images;
    LT_ASSIGN(const struct stat now, images.file_->stat());
    const bool was_cut = static_cast<std::uint64_t>(now.st_size) < images.file_->size();
    if (!was_cut || look == kLooks) return std::move(found).error();
  }
}

Status FileImages::find_end() {
  if (end_ == 0) return {};
  if (auto image = read_one()) {
    ahead_ = *image;
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

Result<HistoryImage> FileImages::read_one() {
  LT_ASSIGN(const ltx::ImageInfo image, ltx::image_before(*bytes_, end_));
  end_ = image.offset;
  return history_image(image);
}

Result<std::optional<HistoryImage>> FileImages::next() {
  if (!ahead_) {
    if (end_ == 0) return std::optional<HistoryImage>();
    LT_ASSIGN(ahead_, read_one());
  }
  const std::optional<HistoryImage> image = std::exchange(ahead_, std::nullopt);
  LT_TRY(look_ahead(*image));
  ++given_;
  return image;
}

Status FileImages::look_ahead(const HistoryImage& image) {
  if (end_ != 0) {
    LT_ASSIGN(ahead_, read_one());
  }
  return check_order(image);
}

Status FileImages::check_order(const HistoryImage& image) const {
  const Txid named = last_txid_of_name(name_);
  if (named.value == 0) return {};
  const auto differs = [&](const std::string& what) {
    return Error::corrupt(image.offset, what + ", not what its name says");
  };
  if (is_segment_name(name_)) {
    if (!ahead_) {
      if (image.max_txid == named) return {};
      return differs("it begins with transaction " + image.max_txid.text());
    }
    if (image.max_txid == ahead_->max_txid.next()) return {};
    return Error::corrupt(image.offset, "transaction " + image.max_txid.text() +
                                            " does not follow on from " + ahead_->max_txid.text());
  }
  if (given_ == 0 && image.max_txid != named) {
    return differs("it ends with transaction " + image.max_txid.text());
  }
  if (ahead_) return {};
  const auto compacted = parse_compacted_name(name_);
  if (compacted && compacted->images != given_ + 1) {
    return differs("it holds " + std::to_string(given_ + 1) + " images");
  }
  if (!compacted && ltx::file_name({image.min_txid, named}) != name_) {
    return differs("it begins with transaction " + image.min_txid.text());
  }
  return {};
}

}  // namespace litetool
