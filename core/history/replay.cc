#include "core/history/replay.h"

#include "formats/ltx/frame_reader.h"

namespace litetool {
namespace {

class Replay {
 public:
  Replay(const HistoryReader& reader, const HistoryImage& last, const VisitPage& visit)
      : reader_(reader),
        last_(last),
        visit_(visit),
        seen_(last.commit),
        missing_(last.commit),
        page_(last.page_size),
        page_crc_(last.page_size) {
    const Pgno lock = lock_page(last.page_size);
    if (lock <= last.commit) take(lock);
  }

  bool complete() const { return missing_ == 0; }
  Checksum database() const { return database_; }

  Status add(const HistoryImage& image) {
    LT_ASSIGN(const File* file, reader_.file_of(image));
    Status added = add_from(*file, image);
    if (added || visit_failed_) return added;
    return std::move(added).error().with(reader_.files()[image.file]);
  }

 private:
  // True when the page is wanted and not there yet.
  bool take(Pgno pgno) {
    if (pgno > last_.commit || seen_[pgno - 1]) return false;
    seen_[pgno - 1] = true;
    --missing_;
    return true;
  }

  Status add_from(const File& file, const HistoryImage& image) {
    LT_ASSIGN(ltx::FrameReader frames,
              ltx::FrameReader::open(file, ltx::Variant::kV3Block, image.offset));
    while (!complete()) {
      LT_ASSIGN(const bool more, frames.read_batch(batch_));
      if (!more) break;
      for (const ltx::Frame& frame : batch_.frames()) {
        if (!take(frame.pgno)) continue;
        LT_ASSIGN(const std::uint64_t crc, ltx::decode_frame(frame, page_));
        const Checksum checksum = page_crc_.page_checksum(frame, crc);
        database_ = checksum_xor(database_, checksum);
        Status visited = visit_(frame.pgno, page_, checksum);
        visit_failed_ = !visited;
        LT_TRY(std::move(visited));
      }
    }
    return {};
  }

  const HistoryReader& reader_;
  const HistoryImage& last_;
  const VisitPage& visit_;
  std::vector<bool> seen_;
  Pgno missing_;
  Buffer page_;
  ltx::PageCrc page_crc_;
  ltx::FrameBatch batch_;
  Checksum database_ = kEmptyDatabase;
  bool visit_failed_ = false;  // its error is not the image's
};

}  // namespace

Status replay(const HistoryReader& reader, const std::vector<HistoryImage>& chain,
              const VisitPage& visit) {
  LT_CHECK(!chain.empty());
  const HistoryImage& last = chain.back();
  Replay pages(reader, last, visit);
  for (auto image = chain.rbegin(); image != chain.rend() && !pages.complete(); ++image) {
    LT_TRY(pages.add(*image));
  }
  if (!pages.complete()) {
    return Error(Errc::kBrokenChain, "transaction " + last.max_txid.text() +
                                         " has pages that are in no image of the history");
  }
  if (pages.database() != last.post_apply) {
    return Error(Errc::kCorrupt, "pages of transaction " + last.max_txid.text() +
                                     " add up to checksum " + pages.database().text() +
                                     ", the history says " + last.post_apply.text());
  }
  return {};
}

Result<PageChecksums> checksums_at(const HistoryReader& reader, Txid txid) {
  LT_ASSIGN(const std::vector<HistoryImage> chain, reader.chain_to(txid));
  PageChecksums checksums;
  checksums.resize(chain.back().commit);
  LT_TRY(replay(reader, chain, [&](Pgno pgno, Bytes, Checksum checksum) -> Status {
    checksums.set(pgno, checksum);
    return {};
  }));
  return checksums;
}

}  // namespace litetool
