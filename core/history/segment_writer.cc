#include "core/history/segment_writer.h"

namespace litetool {
namespace {
constexpr std::size_t kBufferSize = std::size_t{4} << 20;
}  // namespace

SegmentWriter::SegmentWriter(std::unique_ptr<File> file) : file_(std::move(file)) {}

Status SegmentWriter::write(Bytes b) {
  buffer_.insert(buffer_.end(), b.begin(), b.end());
  if (buffer_.size() >= kBufferSize) return flush();
  return {};
}

Status SegmentWriter::flush() {
  if (buffer_.empty()) return {};
  unsynced_ = true;
  LT_TRY(file_->append({Bytes(buffer_)}));
  buffer_.clear();
  return {};
}

Status SegmentWriter::sync() {
  LT_TRY(flush());
  if (!unsynced_) return {};
  LT_TRY(file_->sync());
  unsynced_ = false;
  return {};
}

Status SegmentWriter::cut(std::uint64_t size) {
  if (size >= file_->size()) {
    buffer_.resize(static_cast<std::size_t>(size - file_->size()));
    return {};
  }
  buffer_.clear();
  return file_->truncate(size);
}

}  // namespace litetool
