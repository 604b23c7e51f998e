#include "core/history/segment_writer.h"

#include <algorithm>

#include "core/os/atomic_file.h"
#include "core/os/writeback.h"

namespace litetool {
namespace {
constexpr std::size_t kBufferSize = std::size_t{4} << 20;
// What is kept between two writes: one of a thousand histories may not need megabytes at rest.
constexpr std::size_t kKeptSize = std::size_t{64} << 10;
constexpr std::uint64_t kStartWriteback = std::uint64_t{256} << 10;
}  // namespace

SegmentWriter::SegmentWriter(std::unique_ptr<File> file)
    : file_(std::move(file)), started_(file_->size()) {}

Status SegmentWriter::write(Bytes b) {
  buffer_.insert(buffer_.end(), b.begin(), b.end());
  return buffer_.size() >= kBufferSize ? write_out() : Status();
}

Status SegmentWriter::flush() {
  LT_TRY(write_out());
  if (buffer_.capacity() > kKeptSize) buffer_ = Buffer();
  return {};
}

Status SegmentWriter::write_out() {
  if (buffer_.empty()) return {};
  changed();
  LT_TRY(append_whole(*file_, buffer_));
  buffer_.clear();
  if (unsafe_) unsafe_->size = file_->size();
  // What is on its way to the disk already is not waited for when a checkpoint wants it there.
  const std::uint64_t size = file_->size();
  if (size - started_ >= kStartWriteback) {
    start_writeback(*file_, started_, size - started_);
    started_ = size;
  }
  return {};
}

Status SegmentWriter::sync() {
  LT_TRY(flush());
  if (!unsynced_) return {};
  LT_TRY(file_->sync());
  unsynced_ = false;
  made_safe();
  return {};
}

Result<SegmentWriter::Ahead> SegmentWriter::begin_sync() {
  LT_TRY(flush());
  return Ahead{unsynced_ ? file_ : nullptr, changes_};
}

void SegmentWriter::synced(const Ahead& ahead) {
  if (ahead.file != file_ || ahead.changes != changes_) return;
  unsynced_ = false;
  made_safe();
}

void SegmentWriter::changed() {
  unsynced_ = true;
  ++changes_;
}

void SegmentWriter::made_safe() {
  unsafe_ = FilePart{file_->size(), file_->size(), {}};
}

Status SegmentWriter::cut(std::uint64_t size) {
  if (size >= file_->size()) {
    buffer_.resize(static_cast<std::size_t>(size - file_->size()));
    return {};
  }
  buffer_.clear();
  started_ = std::min(started_, size);
  changed();
  if (unsafe_) {
    unsafe_->from = std::min(unsafe_->from, size);
    unsafe_->size = size;
    std::erase_if(unsafe_->replaced, [&](const auto& byte) { return byte.offset >= size; });
  }
  return file_->truncate(size);
}

Status SegmentWriter::replace(std::uint64_t offset, std::byte value) {
  LT_TRY(flush());
  changed();
  if (unsafe_ && offset < unsafe_->from) unsafe_->replaced.push_back({offset, value});
  return file_->write_at(Bytes(&value, 1), offset);
}

}  // namespace litetool
