#include "core/inspect/summary.h"

#include <algorithm>

#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::uint32_t kCheckEvery = 4096;  // frames or records between looks at the stop flag
constexpr std::size_t kMaxWalIndexRead = std::size_t{64} << 20;

Result<Buffer> read_up_to(const ByteSource& file, std::size_t size) {
  Buffer b(static_cast<std::size_t>(std::min<std::uint64_t>(size, file.size())));
  LT_ASSIGN(const std::size_t n, file.read_at(b, 0));
  b.resize(n);
  return b;
}

// Where the valid part of a log ends, a commit of the same generation behind it is one that was
// there.
Error lost_commits(const WalFrame& end) {
  return Error::corrupt(end.offset,
                        format("frame %u: %s, and commits behind it cannot be read (a damaged log, "
                               "or one that a killed writer abandoned)",
                               end.number, frame_verdict_text(end.verdict)));
}

}  // namespace

Result<DatabaseSummary> summarise_database(const ByteSource& file) {
  LT_ASSIGN(const Buffer head, read_up_to(file, kFileHeaderSize));
  DatabaseSummary s;
  LT_ASSIGN(s.header, decode_file_header(head));
  s.file_pages = file_pages(s.header.page_size, file.size());
  const bool short_file = s.header.size_is_valid() && s.header.size_pages > s.file_pages;
  if (short_file && !s.header.wal()) {  // with a WAL, the rest may not be checkpointed yet
    s.damage = Error::corrupt(28, format("the header counts %u pages, the file has %u",
                                         s.header.size_pages, s.file_pages));
  }
  return s;
}

DatabaseView view_of_file(const ByteSource& file, const FileHeader& header, Buffer& page) {
  DatabaseView view;
  view.header = header;
  const auto whole_pages = file_pages(
      header.page_size, file.size() / header.page_size * std::uint64_t{header.page_size});
  view.size_pages = std::min(database_pages(header, file.size()), whole_pages);
  page.resize(header.page_size);
  view.lookup = [&file, &page](Pgno pgno) -> Result<Bytes> {
    LT_TRY(file.read_exact(page, (std::uint64_t{pgno} - 1) * page.size()));
    return Bytes(page);
  };
  return view;
}

Result<WalSummary> summarise_wal(const ByteSource& file, const Job& job) {
  LT_ASSIGN(const Buffer head, read_up_to(file, kWalHeaderSize));
  WalSummary s;
  LT_ASSIGN(s.header, decode_wal_header(head));
  s.frames = s.header.frames_in(file.size());
  WalScanner scanner(file, s.header, wal_start(s.header), std::numeric_limits<std::uint32_t>::max(),
                     WalScanner::Extent::kWholeFile);
  std::optional<WalFrame> end;
  while (true) {
    LT_ASSIGN(const std::optional<WalFrame> frame, scanner.next());
    if (!frame) break;
    if (frame->number % kCheckEvery == 0) LT_TRY(job.check());
    if (!frame->ok() && !end) end = frame;
    if (!end && frame->commit != 0) {
      ++s.transactions;
      s.size_pages = frame->commit;
    }
    const bool lost =
        end && frame->number > end->number && frame->salts == s.header.salts && frame->commit != 0;
    if (lost && !s.damage) s.damage = lost_commits(*end);
  }
  if (end) s.end = end->verdict;
  s.valid_frames = scanner.state().frame;
  s.committed = scanner.committed();
  return s;
}

Result<WalIndexSummary> summarise_wal_index(const ByteSource& file) {
  LT_ASSIGN(const Buffer shm, read_up_to(file, kMaxWalIndexRead));
  WalIndexSummary s{decode_wal_index(shm), std::nullopt};
  if (s.look.verdict == WalIndexVerdict::kTorn) {
    s.damage = Error::corrupt(0, "wal-index: header is torn (or being written: look again)");
  } else if (s.look.verdict == WalIndexVerdict::kUnsupported) {
    s.damage = Error(Errc::kUnsupported, "wal-index: unknown version or page size");
  } else if (s.look.verdict == WalIndexVerdict::kOk &&
             (shm.size() < kMaxWalIndexRead || file.size() == shm.size())) {
    auto pages = wal_index_pages(shm, s.look.header.mx_frame);
    if (!pages) s.damage = std::move(pages).error();
  }
  return s;
}

Result<JournalSummary> summarise_journal(const ByteSource& file, std::uint32_t page_size,
                                         const Job& job) {
  LT_ASSIGN(const Buffer head, read_up_to(file, kJournalHeaderSize));
  JournalSummary s;
  s.state = journal_state(head);
  if (s.state == JournalState::kLive || s.state == JournalState::kUnsynced) {
    LT_ASSIGN(s.header, decode_journal_header(head));
  }
  LT_ASSIGN(s.super_journal, read_super_journal_name(file));
  Result<JournalReader> reader = JournalReader::open(file, page_size);
  if (!reader) {
    if (reader.error().code == Errc::kNotFound) return s;
    return std::move(reader).error();
  }
  while (true) {
    LT_ASSIGN(const std::optional<JournalRecord> record, reader->next());
    if (!record) break;
    if (record->number % kCheckEvery == 0) LT_TRY(job.check());
    if (record->ok()) {
      ++s.records;
    } else {
      s.damage = Error::corrupt(
          record->offset, format("record %u of segment %u: %s", record->number, record->segment + 1,
                                 journal_record_verdict_text(record->verdict)));
    }
  }
  s.segments = reader->segments();
  return s;
}

Result<LtxSummary> summarise_ltx(const ByteSource& file, ltx::Extent extent, const Job& job) {
  LtxSummary s;
  for (std::uint64_t offset = 0; offset < file.size();) {
    LT_TRY(job.check());
    auto image = ltx::verify_image(file, offset, extent);
    if (!image && s.images.empty()) return std::move(image).error();
    if (!image) {
      s.damage = std::move(image).error();
      return s;
    }
    s.images.push_back({offset, image->tail.end - offset, image->header, image->tail});
    offset = image->tail.end;
    if (extent == ltx::Extent::kWholeFile) break;
  }
  return s;
}

}  // namespace litetool
