#include "core/audit/rebuild.h"

#include <algorithm>
#include <mutex>

#include "core/audit/database_checksum.h"
#include "core/os/temp_file.h"
#include "core/rows/sqlite_library.h"
#include "formats/base/crc64.h"
#include "formats/ltx/segment.h"

namespace litetool {
namespace {

// A database that images are applied to, and its checksum.
class RebuiltDatabase : public PageConsumer {
 public:
  RebuiltDatabase(const Job& job, File& file) : job_(job), file_(file) {}

  Txid txid() const { return txid_; }
  Pgno commit() const { return commit_; }
  std::uint32_t page_size() const { return page_size_; }
  Checksum checksum() const { return checksum_; }

  Status apply(const ByteSource& source, const ScanOptions& where, const ltx::Header& header) {
    if (header.is_snapshot()) {
      LT_TRY(file_.truncate(0));
      commit_ = 0;
      checksum_ = kEmptyDatabase;
    }
    page_size_ = header.page_size;
    ScanOptions options = where;
    options.consumer = this;
    LT_ASSIGN(const ImageReport report, scan_image(job_, source, options));
    LT_TRY(resize(header.commit));
    txid_ = header.max_txid;
    const Checksum post_apply = report.tail.trailer.post_apply;
    if (!header.has_checksums() || report.counts_lock_page || checksum_ == post_apply) return {};
    return Error::corrupt(report.tail.end - ltx::kTrailerSize,
                          "the database after " + txid_.text() + " has checksum " +
                              checksum_.text() + ", post-apply is " + post_apply.text());
  }

  Status pages(std::span<const ltx::Frame> frames, Bytes pages) override {
    std::uint64_t change = 0;
    Buffer old(page_size_);
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const Pgno pgno = frames[i].pgno;
      if (pgno == lock_page(page_size_)) continue;
      if (pgno <= commit_) {
        LT_TRY(file_.read_exact(old, offset_of(pgno)));
        change ^= page_checksum(pgno, old).value;
      }
      change ^= page_checksum(pgno, pages.subspan(i * page_size_, page_size_)).value;
    }
    const std::lock_guard lock(mutex_);
    checksum_ = checksum_xor(checksum_, Checksum{change});
    return write_runs(frames, pages);
  }

 private:
  std::uint64_t offset_of(Pgno pgno) const { return std::uint64_t{pgno - 1} * page_size_; }

  // Pages that adjoin go out in one write.
  Status write_runs(std::span<const ltx::Frame> frames, Bytes pages) {
    for (std::size_t begin = 0, end = 0; begin < frames.size(); begin = end) {
      for (end = begin + 1; end < frames.size(); ++end) {
        if (frames[end].pgno != frames[end - 1].pgno + 1) break;
      }
      LT_TRY(file_.write_at(pages.subspan(begin * page_size_, (end - begin) * page_size_),
                            offset_of(frames[begin].pgno)));
    }
    return {};
  }

  // Takes out what is beyond the new end; makes room for a lock page at the end.
  Status resize(Pgno commit) {
    Buffer old(page_size_);
    for (Pgno pgno = commit_; pgno > commit; --pgno) {
      if (pgno == lock_page(page_size_)) continue;
      LT_TRY(file_.read_exact(old, offset_of(pgno)));
      checksum_ = checksum_xor(checksum_, page_checksum(pgno, old));
    }
    commit_ = commit;
    return file_.truncate(std::uint64_t{commit} * page_size_);
  }

  const Job& job_;
  File& file_;
  Txid txid_;
  Pgno commit_ = 0;
  std::uint32_t page_size_ = kMinPageSize;
  std::mutex mutex_;                    // guards what follows, and the size of the file
  Checksum checksum_ = kEmptyDatabase;  // of the pages so far
};

// Applies of a link what leads on from where the database stands.
Status apply_link(const Job& job, const ChainLink& link, RebuiltDatabase& database) {
  LT_ASSIGN(const auto file, job.env.open(kCwd, link.file, OpenMode::kRead));
  const auto leads_on = [&](const ltx::Header& h) {
    return h.max_txid > database.txid() && h.min_txid <= database.txid().next();
  };
  ScanOptions options;
  if (!link.segment) {
    LT_ASSIGN(const ltx::Header header, read_image_header(*file));
    if (!leads_on(header)) return {};
    return database.apply(*file, options, header);
  }
  ltx::SegmentReader images(*file);
  options.extent = ltx::Extent::kImage;
  while (true) {
    LT_TRY(job.check());
    LT_ASSIGN(const auto image, images.next());
    if (!image) return {};
    if (!leads_on(image->header)) continue;
    options.offset = image->offset;
    LT_TRY(database.apply(*file, options, image->header));
  }
}

// The snapshot that reaches `txid` or beyond, the nearest one; null if there is none.
const ChainLink* snapshot_reaching(std::span<const ChainLink> links, Txid txid) {
  for (const ChainLink& link : links) {  // snapshots stand first, by their last TXID
    if (!link.is_snapshot()) break;
    if (link.max >= txid) return &link;
  }
  return nullptr;
}

Status apply_named(const Job& job, const ChainLink& link, RebuiltDatabase& database) {
  auto status = apply_link(job, link, database);
  if (!status) return std::move(status).error().with(link.file);
  return {};
}

// From the first snapshot to the end; where nothing else leads on, by way of a later snapshot.
Status apply_all(const Job& job, std::span<const ChainLink> links, RebuiltDatabase& database) {
  LT_TRY(apply_named(job, links.front(), database));
  for (const ChainLink& link : links.subspan(1)) {
    if (link.is_snapshot()) continue;
    if (link.min > database.txid().next()) {
      const ChainLink* bridge = snapshot_reaching(links, Txid{link.min.value - 1});
      if (bridge == nullptr) {
        return Error(Errc::kBrokenChain,
                     "nothing leads from " + database.txid().text() + " to " + link.min.text());
      }
      LT_TRY(apply_named(job, *bridge, database));
    }
    LT_TRY(apply_named(job, link, database));
  }
  const ChainLink* newest = snapshot_reaching(links, database.txid().next());
  return newest == nullptr ? Status() : apply_named(job, *newest, database);
}

// The file as it stands, once more from the disk's side and from SQLite's.
Status check_result(const Job& job, TempFile& temp, const RebuiltDatabase& database) {
  if (database.commit() == 0) return {};  // dropped
  LT_ASSIGN(const DatabaseChecksum sum,
            database_checksum(job, temp.file(), {database.page_size(), false}, nullptr));
  if (sum.checksum != database.checksum()) {
    return Error(Errc::kStorage, "the rebuilt database reads back with checksum " +
                                     sum.checksum.text() + " instead of " +
                                     database.checksum().text());
  }
  return check_integrity(temp.path(), false);
}

}  // namespace

Result<bool> rebuild_chain(const Job& job, std::span<const ChainLink> links,
                           const RebuildOptions& options) {
  if (links.empty() || !links.front().is_snapshot()) return false;
  LT_ASSIGN(TempFile temp, TempFile::create(job.env, options.temp_dir));
  RebuiltDatabase database(job, temp.file());
  LT_TRY(apply_all(job, links, database));
  LT_TRY(check_result(job, temp, database));
  return true;
}

}  // namespace litetool
