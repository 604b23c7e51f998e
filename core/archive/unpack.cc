#include "core/archive/unpack.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/inspect/file_kind.h"
#include "formats/archive/zstd_stream.h"

namespace litetool {
namespace {

// Enough to recognise everything by.
constexpr std::size_t kHeadSize = 4096;
constexpr std::size_t kPieceSize = 256 * 1024;

// A stream whose first bytes can be looked at.
class PeekStream : public PullStream {
 public:
  explicit PeekStream(PullStream& below) : below_(below) {}

  Result<Bytes> head() {
    if (head_.empty()) {
      head_.resize(kHeadSize);
      LT_ASSIGN(const std::size_t n, below_.read(head_));
      head_.resize(n);
    }
    return Bytes(head_);
  }

  Result<std::size_t> read(MutableBytes out) override {
    const std::size_t n = std::min(out.size(), head_.size() - at_);
    std::copy_n(head_.begin() + static_cast<std::ptrdiff_t>(at_), n, out.begin());
    at_ += n;
    if (n == out.size()) return n;
    LT_ASSIGN(const std::size_t more, below_.read(out.subspan(n)));
    return n + more;
  }

 private:
  PullStream& below_;
  Buffer head_;
  std::size_t at_ = 0;
};

// Text has no bytes that only binary files have.
bool is_text(Bytes head) {
  return std::ranges::none_of(head, [](std::byte b) {
    return b < std::byte{' '} && b != std::byte{'\n'} && b != std::byte{'\r'} &&
           b != std::byte{'\t'} && b != std::byte{'\f'};
  });
}

Result<ContentKind> kind_of(const File& file, Bytes head) {
  LT_ASSIGN(const FileKind kind, detect_file_kind(file, ""));
  if (kind == FileKind::kDatabase || kind == FileKind::kEmpty) return ContentKind::kDatabase;
  if (kind == FileKind::kLtx) return ContentKind::kLtx;
  return is_text(head) ? ContentKind::kSql : ContentKind::kUnknown;
}

}  // namespace

Result<std::size_t> FileStream::read(MutableBytes out) {
  LT_ASSIGN(const std::size_t n, file_.read_at(out, at_));
  at_ += n;
  return n;
}

Result<Unpacked> unpack(const Job& job, PullStream& in, const age::Unlock& unlock, File& out) {
  Unpacked result;
  std::unique_ptr<UnsealedStream> unsealed;
  std::unique_ptr<UnzstdStream> unzstd;
  auto content = std::make_unique<PeekStream>(in);
  std::unique_ptr<PeekStream> sealed;
  std::unique_ptr<PeekStream> compressed;
  LT_ASSIGN(Bytes head, content->head());
  if (is_sealed(head)) {
    result.sealed = true;
    sealed = std::move(content);
    LT_ASSIGN(unsealed, UnsealedStream::start(*sealed, unlock));
    content = std::make_unique<PeekStream>(*unsealed);
    LT_ASSIGN(head, content->head());
  }
  if (is_zstd(head)) {
    result.compressed = true;
    compressed = std::move(content);
    unzstd = std::make_unique<UnzstdStream>(*compressed);
    content = std::make_unique<PeekStream>(*unzstd);
    LT_ASSIGN(head, content->head());
  }
  const Buffer start(head.begin(), head.end());
  Buffer piece(kPieceSize);
  while (true) {
    LT_TRY(job.check());
    LT_ASSIGN(const std::size_t n, content->read(piece));
    if (n == 0) break;
    LT_TRY(out.write_at(Bytes(piece).first(n), result.size_bytes));
    result.size_bytes += n;
    job.advance(n);
  }
  LT_ASSIGN(result.content, kind_of(out, start));
  return result;
}

}  // namespace litetool
