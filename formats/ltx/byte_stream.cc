#include "formats/ltx/byte_stream.h"

#include <algorithm>

namespace litetool::ltx {
namespace {

constexpr std::size_t kFirstRead = 16 * 1024;
constexpr std::size_t kLargestRead = 256 * 1024;

}  // namespace

ByteStream::ByteStream(const ByteSource& source, std::uint64_t offset)
    : source_(&source), next_(offset), read_size_(kFirstRead), largest_read_(kLargestRead) {}

ByteStream ByteStream::lz4(const ByteSource& source, std::uint64_t offset) {
  ByteStream stream(source, offset);
  stream.lz4_ = std::make_unique<Lz4>();
  return stream;
}

Result<Bytes> ByteStream::view(std::size_t n) {
  LT_CHECK(n <= kMaxView);
  if (end_ - begin_ < n && !exhausted_) LT_TRY(fill(n));
  return Bytes(data_ + begin_, end_ - begin_);
}

void ByteStream::advance(std::size_t n) {
  LT_CHECK(n <= end_ - begin_);
  begin_ += n;
}

std::uint64_t ByteStream::source_offset() const {
  if (lz4_) return next_ - (lz4_->in.size() - lz4_->in_begin);
  return next_ - (end_ - begin_);
}

void ByteStream::limit_reads(std::size_t size) {
  largest_read_ = std::clamp(size, kFirstRead, kLargestRead);
  read_size_ = std::min(read_size_, largest_read_);
}

// A chunk of at least `size` bytes that nobody else holds.
std::shared_ptr<Buffer> ByteStream::free_chunk(std::size_t size) {
  const auto unused = [](const std::shared_ptr<Buffer>& c) { return c.use_count() == 1; };
  const auto fits = [&](const std::shared_ptr<Buffer>& c) {
    return unused(c) && c->size() >= size;
  };
  const auto found = std::ranges::find_if(chunks_, fits);
  if (found != chunks_.end()) return *found;
  std::erase_if(chunks_, unused);  // outgrown
  return chunks_.emplace_back(std::make_shared<Buffer>(size));
}

Status ByteStream::fill(std::size_t n) {
  const std::size_t left = end_ - begin_;
  const std::size_t want = std::max(n, read_size_);
  // Two holders are the stream itself: the list and chunk_.
  const bool mine = chunk_.use_count() <= 2 && chunk_ && chunk_->size() >= want;
  if (mine) {
    std::memmove(data_, data_ + begin_, left);
  } else {
    std::shared_ptr<Buffer> next = free_chunk(want);
    if (left > 0) std::memcpy(next->data(), data_ + begin_, left);
    data_ = next->data();
    chunk_ = std::move(next);
  }
  end_ = left;
  begin_ = 0;
  read_size_ = std::min(read_size_ * 4, largest_read_);
  while (end_ < n && !exhausted_) {
    LT_ASSIGN(const std::size_t got, pull(MutableBytes(data_ + end_, chunk_->size() - end_)));
    end_ += got;
    exhausted_ = got == 0;
  }
  return {};
}

Result<std::size_t> ByteStream::pull(MutableBytes out) {
  if (lz4_) return pull_lz4(out);
  LT_ASSIGN(const std::size_t got, source_->read_at(out, next_));
  next_ += got;
  return got;
}

Status ByteStream::pull_compressed() {
  lz4_->in.resize(read_size_);
  LT_ASSIGN(const std::size_t got, source_->read_at(lz4_->in, next_));
  lz4_->in.resize(got);
  lz4_->in_begin = 0;
  next_ += got;
  if (got == 0) return Error::corrupt(next_, "truncated: ends inside the lz4 page block");
  return {};
}

Result<std::size_t> ByteStream::pull_lz4(MutableBytes out) {
  while (!lz4_->done) {
    if (lz4_->in_begin == lz4_->in.size()) LT_TRY(pull_compressed());
    auto step = lz4_->decoder.decode(Bytes(lz4_->in).subspan(lz4_->in_begin), out);
    if (!step) {
      step.error().offset = source_offset();
      return std::move(step).error();
    }
    lz4_->in_begin += step->consumed;
    lz4_->done = step->done;
    if (step->produced != 0) return step->produced;
    if (step->consumed == 0 && !step->done) {
      return Error::corrupt(source_offset(), "lz4 page block does not decompress");
    }
  }
  return std::size_t{0};
}

Result<bool> ByteStream::at_end() {
  LT_ASSIGN(const Bytes rest, view(1));
  return rest.empty();
}

}  // namespace litetool::ltx
