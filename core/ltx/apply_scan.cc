#include "core/ltx/apply_scan.h"

#include <algorithm>
#include <cstring>

#include "core/ltx/rollback_journal.h"
#include "core/os/ordered_pipeline.h"

namespace litetool {
namespace {

constexpr std::uint32_t kRangeBytes = 256 << 10;

void append(Buffer& out, Bytes b) {
  out.insert(out.end(), b.begin(), b.end());
}

class Scan {
 public:
  Scan(const ChainCheck& check, const ScanTarget& target, const FrameMerge& merge)
      : check_(check),
        target_(target),
        merge_(merge),
        page_size_(merge.page_size()),
        page_crc_(page_size_) {}

  Status work(PageChanges& c) const {
    c.pgnos.clear();
    c.pages.clear();
    c.records.clear();
    c.sum = kEmptyDatabase;
    c.sums.clear(check_.images().size());
    c.page.resize(page_size_);
    LT_TRY(read_old(c));
    std::size_t frame = 0;
    // Wider than a page number: the last may be the last that there is.
    for (std::uint64_t next = c.merged.first; next <= c.merged.last; ++next) {
      const auto pgno = static_cast<Pgno>(next);
      LT_TRY(decode_versions(c, pgno, frame));
      if (pgno == check_.lock_pgno()) continue;
      visit(c, pgno);
    }
    return {};
  }

 private:
  // The part of the range that the database file has.
  Status read_old(PageChanges& c) const {
    c.old.clear();
    if (target_.database == nullptr || c.merged.first > target_.file_pages) return {};
    const Pgno last = std::min(c.merged.last, target_.file_pages);
    c.old.resize(std::size_t{last - c.merged.first + 1} * page_size_);
    return target_.database->read_exact(c.old, std::uint64_t{c.merged.first - 1} * page_size_);
  }

  Bytes old_page(const PageChanges& c, Pgno pgno) const {
    const std::size_t at = std::size_t{pgno - c.merged.first} * page_size_;
    return at < c.old.size() ? Bytes(c.old).subspan(at, page_size_) : Bytes();
  }

  // Leaves the newest version in c.page. Frames of the lock page are only verified.
  Status decode_versions(PageChanges& c, Pgno pgno, std::size_t& next) const {
    const auto& frames = c.merged.frames.frames();
    c.versions.clear();
    for (; next < frames.size() && frames[next].pgno == pgno; ++next) {
      auto crc = ltx::decode_frame(frames[next], c.page);
      if (!crc) return merge_.locate(c.merged, next, std::move(crc).error());
      c.merged.crcs[next] = *crc;
      c.versions.push_back({c.merged.inputs[next], page_crc_.page_checksum(frames[next], *crc)});
    }
    return {};
  }

  void visit(PageChanges& c, Pgno pgno) const {
    const Bytes old = old_page(c, pgno);
    const bool in_base = pgno <= check_.base_pages();
    const Checksum base = in_base ? page_checksum(pgno, old) : Checksum{};
    const bool present = check_.visit(pgno, base, c.versions, c.sums);
    bool rewritten = present && !c.versions.empty();
    if (rewritten && in_base) {
      rewritten = std::memcmp(old.data(), c.page.data(), page_size_) != 0;
    }
    if (rewritten) {
      c.pgnos.push_back(pgno);
      c.sum = checksum_xor(c.sum, c.versions.back().checksum);
      if (target_.keep_pages) append(c.pages, c.page);
    }
    const bool cut_off = pgno > check_.end_pages();
    if (target_.keep_records && !old.empty() && (rewritten || cut_off)) {
      RollbackJournal::append_record(c.records, target_.nonce, pgno, old);
    }
  }

  const ChainCheck& check_;
  const ScanTarget& target_;
  const FrameMerge& merge_;
  const std::uint32_t page_size_;
  const ltx::PageCrc page_crc_;
};

Status decode_changed(const FrameMerge& merge, const ltx::PageCrc& page_crc,
                      const std::vector<bool>& changed, PageChanges& c) {
  c.pgnos.clear();
  c.pages.clear();
  c.sum = kEmptyDatabase;
  c.page.resize(merge.page_size());
  const auto& frames = c.merged.frames.frames();
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const Pgno pgno = frames[i].pgno;
    if (pgno >= changed.size() || !changed[pgno] || !c.merged.newest(i)) continue;
    auto crc = ltx::decode_frame(frames[i], c.page);
    if (!crc) return merge.locate(c.merged, i, std::move(crc).error());
    c.pgnos.push_back(pgno);
    c.sum = checksum_xor(c.sum, page_crc.page_checksum(frames[i], *crc));
    append(c.pages, c.page);
  }
  return {};
}

}  // namespace

Status scan_changes(const Job& job, ChainCheck& check, const ScanTarget& target,
                    const std::function<Status(PageChanges&)>& take) {
  const std::uint32_t page_size = check.images().front().header.page_size;
  const Pgno end = std::max(target.file_pages, check.end_pages());
  LT_ASSIGN(const auto merge,
            FrameMerge::open(job, check.images(), {kRangeBytes / page_size, end}));
  const Scan scan(check, target, *merge);
  OrderedPipeline<PageChanges> pipeline(job.threads);
  const auto produce = [&](PageChanges& c) -> Result<bool> {
    LT_TRY(job.check());
    return merge->next(c.merged);
  };
  const auto consume = [&](PageChanges& c) {
    merge->add(c.merged);
    check.add(c.sums);
    return take(c);
  };
  LT_TRY(pipeline.run(
      produce, [&](PageChanges& c) { return scan.work(c); }, consume));
  return merge->verify();
}

Status read_changes(const Job& job, const std::vector<ImageRef>& images,
                    const std::vector<bool>& changed,
                    const std::function<Status(PageChanges&)>& take) {
  LT_ASSIGN(const auto merge, FrameMerge::open(job, images));
  const ltx::PageCrc page_crc(merge->page_size());
  OrderedPipeline<PageChanges> pipeline(job.threads);
  return pipeline.run([&](PageChanges& c) { return merge->next(c.merged); },
                      [&](PageChanges& c) { return decode_changed(*merge, page_crc, changed, c); },
                      [&](PageChanges& c) { return take(c); });
}

}  // namespace litetool
