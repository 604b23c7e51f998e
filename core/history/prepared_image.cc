#include "core/history/prepared_image.h"

#include <algorithm>
#include <array>

#include "formats/ltx/decoder.h"

namespace litetool {
namespace {

// The segment up to the end of the prepared image, with the bit set.
class AsFinished : public ByteSource {
 public:
  AsFinished(const ByteSource& segment, std::uint64_t end)
      : segment_(segment), end_(end), flag_at_(prepared_flag_offset(end)) {}

  Result<std::size_t> read_at(MutableBytes out, std::uint64_t offset) const override {
    if (offset >= end_) return std::size_t{0};
    out = out.first(static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), end_ - offset)));
    LT_ASSIGN(const std::size_t n, segment_.read_at(out, offset));
    if (flag_at_ >= offset && flag_at_ - offset < n) {
      std::byte& flag = out[static_cast<std::size_t>(flag_at_ - offset)];
      flag = finished_byte(flag);
    }
    return n;
  }
  std::uint64_t size() const override { return end_; }

 private:
  const ByteSource& segment_;
  std::uint64_t end_;
  std::uint64_t flag_at_;
};

}  // namespace

Result<std::optional<ltx::ImageInfo>> find_prepared_image(const ByteSource& segment,
                                                          std::uint64_t end) {
  using Found = std::optional<ltx::ImageInfo>;
  if (end > segment.size() || end < ltx::kMaxHeaderSize + ltx::kTrailerSize) return Found();
  std::array<std::byte, 1> flag{};
  LT_TRY(segment.read_exact(flag, prepared_flag_offset(end)));
  if (flag[0] != prepared_byte(flag[0])) return Found();
  const AsFinished finished(segment, end);
  auto image = ltx::image_before(finished, end);
  if (!image || !ltx::verify_image(finished, image->offset, ltx::Extent::kImage)) return Found();
  return Found(*std::move(image));
}

Status PreparedSink::write(Bytes b) {
  held_.insert(held_.end(), b.begin(), b.end());
  if (held_.size() <= ltx::kTrailerSize) return {};
  const std::size_t sure = held_.size() - ltx::kTrailerSize;
  LT_TRY(to_.write(Bytes(held_).first(sure)));
  held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(sure));
  return {};
}

Status PreparedSink::finish() {
  LT_CHECK(held_.size() == ltx::kTrailerSize);
  held_[0] = prepared_byte(held_[0]);
  return to_.write(held_);
}

}  // namespace litetool
