#include "core/ltx/encode.h"

#include <algorithm>
#include <utility>

#include "core/ltx/database_image.h"
#include "core/os/atomic_file.h"
#include "core/os/ordered_pipeline.h"
#include "core/os/paths.h"
#include "formats/ltx/encoder.h"

namespace litetool {
namespace {

constexpr std::size_t kChunkBytes = std::size_t{512} << 10;
constexpr int kAttempts = 10;
// What an empty database file is said to have; it has no page that could tell.
constexpr std::uint32_t kDefaultPageSize = 4096;

// A run of pages on its way from the database to the file.
struct Chunk {
  Pgno first = 0;
  std::uint32_t pages = 0;
  std::size_t prepared = 0;  // frames in use
  Buffer bytes;
  std::vector<ltx::PreparedFrame> frames;
  Checksum sum = kEmptyDatabase;
};

ltx::Header make_header(const DatabaseImage& image, const EncodeOptions& options,
                        std::int64_t now_ms) {
  ltx::Header h;
  h.variant = options.variant;
  h.flags = options.checksums ? 0 : ltx::kFlagNoChecksum;
  h.page_size = image.page_size() == 0 ? kDefaultPageSize : image.page_size();
  h.commit = image.page_count();
  h.min_txid = Txid{1};
  h.max_txid = options.txid;
  h.timestamp_ms = options.timestamp_ms.value_or(now_ms);
  h.node_id = options.node_id;
  return h;
}

class Encoding {
 public:
  Encoding(const Job& job, const DatabaseImage& image, const EncodeOptions& options)
      : job_(job), image_(image), header_(make_header(image, options, job.env.now_ms())) {}

  Result<ltx::Trailer> run(ltx::Encoder& encoder) {
    OrderedPipeline<Chunk> pipeline(job_.threads);
    LT_TRY(pipeline.run([this](Chunk& c) { return produce(c); },
                        [this](Chunk& c) { return work(c); },
                        [&](Chunk& c) { return consume(c, encoder); }));
    return encoder.finish(header_.has_checksums() ? sum_ : Checksum{});
  }
  const ltx::Header& header() const { return header_; }

 private:
  Result<bool> produce(Chunk& chunk) {
    if (next_ > header_.commit) return false;
    LT_TRY(job_.check());
    const std::size_t room = std::max<std::size_t>(kChunkBytes / header_.page_size, 1);
    chunk.first = next_;
    chunk.pages =
        static_cast<std::uint32_t>(std::min<std::size_t>(room, header_.commit - next_ + 1));
    next_ += chunk.pages;
    return true;
  }

  Status work(Chunk& chunk) const {
    const std::size_t page_size = header_.page_size;
    chunk.bytes.resize(chunk.pages * page_size);
    if (chunk.frames.size() < chunk.pages) chunk.frames.resize(chunk.pages);
    LT_TRY(image_.read_pages(chunk.first, chunk.bytes));
    chunk.prepared = 0;
    chunk.sum = kEmptyDatabase;
    for (std::uint32_t i = 0; i < chunk.pages; ++i) {
      const Pgno pgno = chunk.first + i;
      if (pgno == header_.lock_pgno()) continue;
      const Bytes page = Bytes(chunk.bytes).subspan(i * page_size, page_size);
      ltx::prepare_frame(header_.variant, pgno, page, chunk.frames[chunk.prepared++]);
      if (header_.has_checksums()) chunk.sum = checksum_xor(chunk.sum, page_checksum(pgno, page));
    }
    return {};
  }

  Status consume(Chunk& chunk, ltx::Encoder& encoder) {
    for (std::size_t i = 0; i < chunk.prepared; ++i) {
      LT_TRY(encoder.add_prepared(chunk.frames[i]));
    }
    sum_ = checksum_xor(sum_, chunk.sum);
    job_.advance(chunk.bytes.size());
    return {};
  }

  const Job& job_;
  const DatabaseImage& image_;
  const ltx::Header header_;
  Pgno next_ = 1;
  Checksum sum_ = kEmptyDatabase;
};

// One try; nothing when the database was changed by a client that no lock could hold.
Result<std::optional<EncodeReport>> attempt(const Job& job, const std::string& database,
                                            const std::string& output,
                                            const EncodeOptions& options) {
  LT_ASSIGN(const auto image, DatabaseImage::open(job, database, options.timeout_ms));
  LT_ASSIGN(auto file, AtomicFile::create(job.env, output, options.replace));
  Encoding encoding(job, *image, options);
  LT_ASSIGN(auto encoder, ltx::Encoder::start(file, encoding.header()));
  LT_ASSIGN(const ltx::Trailer trailer, encoding.run(encoder));
  LT_ASSIGN(const bool one_state, image->confirm());
  if (!one_state) return std::optional<EncodeReport>();
  LT_TRY(file.commit());
  return std::optional(EncodeReport{encoder.header(), trailer, encoder.page_count(),
                                    encoder.bytes_written(), image->wal_frames()});
}

}  // namespace

Result<EncodeReport> encode_database(const Job& job, const std::string& database,
                                     const std::string& output, const EncodeOptions& options) {
  if (is_same_file(job.env, database, output)) {
    return Error(Errc::kUsage, output + " is the database itself");
  }
  for (int i = 0; i < kAttempts; ++i) {
    LT_ASSIGN(auto report, attempt(job, database, output, options));
    if (report) return *std::move(report);
  }
  return Error(Errc::kTimeout, database + " is opened and closed all the time; try again");
}

}  // namespace litetool
