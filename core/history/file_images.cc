#include "core/history/file_images.h"

#include <algorithm>
#include <utility>

#include "core/history/prepared_image.h"
#include "formats/ltx/segment.h"

namespace litetool {
namespace {

constexpr std::size_t kSmallWindow = std::size_t{4} << 10;
constexpr std::size_t kLargeWindow = std::size_t{128} << 10;

HistoryImage summary_of(const ltx::ImageInfo& image) {
  const ltx::Header& h = image.header;
  return HistoryImage{
      0,          h.page_size,    image.offset, image.size,  h.min_txid,
      h.max_txid, h.timestamp_ms, h.commit,     h.pre_apply, image.trailer.post_apply};
}

}  // namespace

// A file that is read backwards in pieces: each read takes along what stands before it. That is
// much where images are small, and little where most of an image is passed over.
class FileImages::Window : public ByteSource {
 public:
  explicit Window(const File& file) : file_(file) {}
  std::uint64_t size() const override { return file_.size(); }
  Result<std::size_t> read_at(MutableBytes out, std::uint64_t offset) const override {
    const std::uint64_t end = offset + out.size();
    if (out.size() > kSmallWindow / 2 || end > size()) return file_.read_at(out, offset);
    if (offset < begin_ || end > begin_ + bytes_.size()) {
      const bool is_next = end <= begin_ + bytes_.size() && begin_ - std::min(begin_, end) < size_;
      size_ = is_next ? std::min(2 * size_, kLargeWindow) : kSmallWindow;
      begin_ = end - std::min<std::uint64_t>(end, size_);
      bytes_.resize(end - begin_);
      LT_ASSIGN(const std::size_t n, file_.read_at(bytes_, begin_));
      bytes_.resize(n);
      if (end > begin_ + n) return file_.read_at(out, offset);
    }
    std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(offset - begin_), out.size(),
                out.begin());
    return out.size();
  }

 private:
  const File& file_;
  mutable Buffer bytes_;
  mutable std::uint64_t begin_ = 0;
  mutable std::size_t size_ = kSmallWindow;  // of the next window
};

FileImages::FileImages(std::unique_ptr<File> file)
    : file_(std::move(file)),
      window_(std::make_shared<const Window>(*file_)),
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
  LT_ASSIGN(const auto prepared, find_prepared_image(*file_));
  if (prepared) {
    end_ = prepared->offset;
  } else {
    LT_ASSIGN(const ltx::SegmentEnd good, ltx::find_segment_end(*file_));
    end_ = good.end;
  }
  // The end may have been finished since it was first read: nothing of that look is kept.
  window_ = std::make_shared<const Window>(*file_);
  return {};
}

Result<HistoryImage> FileImages::read_newest() {
  LT_ASSIGN(const ltx::ImageInfo image, ltx::image_before(*window_, end_));
  return summary_of(image);
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
