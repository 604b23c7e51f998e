#include "core/ltx/image_scan.h"

#include <algorithm>
#include <string>
#include <vector>

#include "core/os/ordered_pipeline.h"
#include "formats/base/crc64.h"

namespace litetool {
namespace {

// Decoded pages that a consumer is handed at once.
constexpr std::size_t kRunBytes = std::size_t{1} << 20;

struct Batch {
  ltx::FrameBatch frames{};
  std::vector<std::uint64_t> crcs{};
};

// Room for decoded pages, one for each thread and kept: a page that is only summed stays in the
// cache.
MutableBytes scratch(std::size_t size) {
  thread_local Buffer buffer;
  if (buffer.size() < size) buffer.resize(size);
  return MutableBytes(buffer).first(size);
}

// The lowest page from which on all are there, seen in ascending order.
class TailRun {
 public:
  explicit TailRun(const ltx::Header& header) : header_(header) {}

  void add(Pgno pgno) {
    if (pgno != following(last_)) start_ = pgno;
    last_ = pgno;
  }
  std::uint64_t start() const {
    const std::uint64_t behind = std::uint64_t{header_.commit} + 1;
    return last_ == 0 || following(last_) <= header_.commit ? behind : start_;
  }

 private:
  Pgno following(Pgno pgno) const { return pgno + 1 == header_.lock_pgno() ? pgno + 2 : pgno + 1; }
  const ltx::Header& header_;
  Pgno last_ = 0;
  Pgno start_ = 1;
};

class ImageScan {
 public:
  ImageScan(const Job& job, const ByteSource& source, const ScanOptions& options,
            ltx::FrameReader reader)
      : job_(job),
        source_(source),
        options_(options),
        reader_(std::move(reader)),
        verifier_(reader_.header(), reader_.header_bytes()),
        run_(reader_.header()) {
    const std::size_t page_size = reader_.header().page_size;
    if (options_.consumer != nullptr) pages_at_once_ = kRunBytes / page_size;
  }

  Result<ImageReport> run() {
    const bool content = options_.depth == ScanDepth::kContent;
    OrderedPipeline<Batch> pipeline(content && worth_threads() ? job_.threads : 1);
    LT_TRY(pipeline.run([this](Batch& b) { return produce(b); },
                        [this, content](Batch& b) { return content ? decode(b) : Status(); },
                        [this, content](Batch& b) { return consume(b, content); }));
    ImageReport report;
    report.header = reader_.header();
    report.offset = options_.offset;
    report.tail_run = run_.start();
    LT_ASSIGN(report.tail, reader_.finish());
    if (content) LT_TRY(prove(report));
    if (options_.extent == ltx::Extent::kWholeFile && report.tail.end < source_.size()) {
      return Error::corrupt(report.tail.end, std::to_string(source_.size() - report.tail.end) +
                                                 " bytes follow the end of the file");
    }
    return report;
  }

 private:
  bool worth_threads() const {
    return job_.threads > 1 && source_.size() - options_.offset > ltx::FrameBatch::kMaxBytes;
  }

  Result<bool> produce(Batch& batch) {
    LT_TRY(job_.check());
    return reader_.read_batch(batch.frames);
  }

  // Runs on any thread.
  Status decode(Batch& batch) const {
    const std::size_t page_size = reader_.header().page_size;
    const MutableBytes pages = scratch(pages_at_once_ * page_size);
    const auto& frames = batch.frames.frames();
    batch.crcs.clear();
    for (std::size_t begin = 0; begin < frames.size(); begin += pages_at_once_) {
      const std::size_t count = std::min(pages_at_once_, frames.size() - begin);
      for (std::size_t i = 0; i < count; ++i) {
        const MutableBytes page = pages.subspan(i * page_size, page_size);
        auto crc = ltx::decode_frame(frames[begin + i], page);
        if (!crc) return at_source(std::move(crc).error());
        batch.crcs.push_back(*crc);
      }
      if (options_.consumer == nullptr) continue;
      LT_TRY(options_.consumer->pages(std::span(frames).subspan(begin, count),
                                      pages.first(count * page_size)));
    }
    return {};
  }

  Status consume(Batch& batch, bool content) {
    const auto& frames = batch.frames.frames();
    std::uint64_t bytes = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      run_.add(frames[i].pgno);
      bytes += frames[i].size();
      if (content) verifier_.add(frames[i], batch.crcs[i]);
    }
    job_.advance(bytes);
    return {};
  }

  // Frames know their offset in the image; errors are about the source.
  Error at_source(Error e) const {
    if (e.offset) *e.offset += options_.offset;
    return e;
  }

  Status prove(ImageReport& report) {
    auto status = verifier_.finish(report.tail);
    if (status) return {};
    const ltx::Header& h = report.header;
    const bool post_apply_differs = status.error().offset == report.tail.end - ltx::kTrailerSize;
    if (!post_apply_differs || h.commit < h.lock_pgno()) return status;
    // The lock page is not in the image; SQLite leaves it zero.
    const Checksum lock = page_checksum(h.lock_pgno(), Buffer(h.page_size));
    if (checksum_xor(verifier_.database_checksum(), lock) != report.tail.trailer.post_apply) {
      return status;
    }
    report.counts_lock_page = true;
    return {};
  }

  const Job& job_;
  const ByteSource& source_;
  const ScanOptions options_;
  ltx::FrameReader reader_;
  ltx::ImageVerifier verifier_;
  TailRun run_;
  std::size_t pages_at_once_ = 1;
};

Result<ltx::FrameReader> open_image(const ByteSource& source, std::uint64_t offset,
                                    ltx::Extent extent) {
  LT_ASSIGN(const ltx::Variant variant, ltx::detect_variant(source, offset, extent));
  return ltx::FrameReader::open(source, variant, offset);
}

}  // namespace

Result<ImageReport> scan_image(const Job& job, const ByteSource& source,
                               const ScanOptions& options) {
  LT_ASSIGN(ltx::FrameReader reader, open_image(source, options.offset, options.extent));
  return ImageScan(job, source, options, std::move(reader)).run();
}

Result<ltx::Header> read_image_header(const ByteSource& source, std::uint64_t offset,
                                      ltx::Extent extent) {
  LT_ASSIGN(const ltx::FrameReader reader, open_image(source, offset, extent));
  return reader.header();
}

}  // namespace litetool
