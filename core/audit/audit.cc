#include "core/audit/audit.h"

#include <array>
#include <map>
#include <memory>
#include <utility>

#include "core/audit/page_writers.h"
#include "core/ltx/database_lock.h"
#include "core/past/past_database.h"
#include "core/source/newest_pages.h"
#include "formats/sqlite/page_map.h"

namespace litetool {
namespace {

constexpr int kAttempts = 10;

// A database that is held in one state.
struct HeldDatabase {
  std::unique_ptr<DatabaseImage> image;
  PageSums sums;
};

Result<HeldDatabase> read_database(const Job& job, const std::string& path,
                                   const AuditOptions& options) {
  for (int i = 0; i < kAttempts; ++i) {
    LT_ASSIGN(auto image, DatabaseImage::open(job, path, options.timeout_ms));
    LT_ASSIGN(PageSums sums, sums_of_database(job, *image, options.digest));
    LT_ASSIGN(const bool one_state, image->confirm());
    if (one_state) return HeldDatabase{std::move(image), std::move(sums)};
  }
  return Error(Errc::kTimeout, path + " is opened and closed all the time; try again");
}

// A state of a history, and what it is made of.
struct HistoryState {
  Moment moment;
  std::shared_ptr<const ImageChain> chain;
};

Result<HistoryState> read_history(const Job& job, const SourcePlace& place,
                                  std::optional<FoundMoment> at) {
  LT_ASSIGN(const auto source, open_source(job, place));
  if (!at) {
    LT_ASSIGN(at, source->latest());
  }
  LT_ASSIGN(auto chain, source->chain_to(*at));
  return HistoryState{at->moment, std::move(chain)};
}

AuditSide database_side(const std::string& path, const PageSums& sums) {
  return AuditSide{path, true, {}, sums.page_size, sums.page_count(), sums.total, sums.digest};
}

AuditSide history_side(const std::string& path, const HistoryState& state, Checksum checksum) {
  const ltx::Header& last = state.chain->last().header;
  return AuditSide{path, false, state.moment, last.page_size, last.commit, checksum, {}};
}

Checksum promised(const ImageRef& image) {
  return image.header.commit == 0 ? kEmptyDatabase : image.trailer.post_apply;
}

// The newest state of the chain, `first` at the earliest, that is the one of these pages.
Result<std::optional<Moment>> state_of(const ImageChain& chain, Txid first, const PageSums& sums) {
  LT_ASSIGN(const auto walk, chain.walk());
  for (;;) {
    LT_ASSIGN(const auto image, walk->next());
    if (!image || image->header.max_txid < first) return std::optional<Moment>();
    if (image->header.commit == sums.page_count() && promised(*image) == sums.total) {
      return std::optional(Moment{image->header.max_txid, image->header.timestamp_ms});
    }
  }
}

// Owners of pages, as these pages tell; none where they are too damaged to tell.
PageMap owners_in(const PageLookup& lookup, Pgno page_count) {
  if (page_count == 0) return {};
  const auto first = lookup(1);
  const auto header = first ? decode_file_header(*first) : Result<FileHeader>(first.error());
  if (!header) return {};
  auto map = map_pages(DatabaseView{lookup, *header, page_count});
  return map ? *std::move(map) : PageMap{};
}

PageMap owners_in(const DatabaseImage& image) {
  Buffer page(image.page_size());
  const auto lookup = [&](Pgno pgno) -> Result<Bytes> {
    LT_TRY(image.read_pages(pgno, page));
    return Bytes(page);
  };
  return owners_in(lookup, image.page_count());
}

PageMap owners_in(const Job& job, std::shared_ptr<const ImageChain> chain,
                  const std::string& temp_dir) {
  PastDatabase past(job, std::move(chain), temp_dir);
  return owners_in([&](Pgno pgno) { return past.page(pgno); }, past.page_count());
}

// Who owns a page: what the database says, or the history where it says more or where the database
// contradicts itself.
class Owners {
 public:
  Owners(PageMap database, PageMap history) : maps_{std::move(database), std::move(history)} {
    if (maps_[0].problem_count > 0) std::swap(maps_[0], maps_[1]);
  }
  std::string of(Pgno pgno) const {
    for (const PageMap& map : maps_) {
      const SchemaRow* const owner = pgno < map.owners.size() ? map.owner(pgno) : nullptr;
      if (owner != nullptr) return owner->name;
    }
    return "";
  }

 private:
  std::array<PageMap, 2> maps_;
};

// Fills in the differences of two states. `image` and `chain` (of either side) may be null.
Status compare(const Job& job, const AuditOptions& options, const PageSums& left,
               const PageSums& right, const DatabaseImage* image,
               const std::shared_ptr<const ImageChain>& chain, AuditReport& report) {
  const bool sizes_meet =
      left.page_size == right.page_size || left.pages.empty() || right.pages.empty();
  report.page_size_differs = !sizes_meet;
  if (!sizes_meet) return {};
  const std::vector<PageDifference> differences = compare_sums(left, right);
  if (differences.empty()) return {};
  std::vector<Pgno> pages;
  for (const PageDifference& d : differences) pages.push_back(d.pgno);
  std::map<Pgno, Txid> writers;
  if (chain != nullptr) {
    LT_ASSIGN(writers, last_writers(job, *chain, pages));
  }
  const Owners owners(image == nullptr ? PageMap{} : owners_in(*image),
                      chain == nullptr ? PageMap{} : owners_in(job, chain, options.temp_dir));
  for (const PageDifference& d : differences) {
    const auto writer = writers.find(d.pgno);
    report.pages.push_back(
        {d.pgno, d.left, d.right, owners.of(d.pgno),
         writer == writers.end() ? std::nullopt : std::optional(writer->second)});
  }
  return {};
}

// Takes out the pages that transactions after `start` wrote: the database was read in some state
// since, and their difference may be that of two moments.
void leave_unsettled(Txid start, AuditReport& report) {
  report.unsettled = std::erase_if(
      report.pages, [&](const DifferingPage& page) { return page.writer && *page.writer > start; });
}

}  // namespace

Result<AuditReport> audit_database(const Job& job, const std::string& path,
                                   const SourcePlace& history, const AuditOptions& options) {
  LT_ASSIGN(const HistoryState before, read_history(job, history, std::nullopt));
  const Txid start = before.moment.txid;
  LT_ASSIGN(const HeldDatabase held, read_database(job, path, options));
  AuditReport report{database_side(path, held.sums)};
  HistoryState state;
  LT_ASSIGN(const bool met, retry_for(job, options.lag_ms, [&]() -> Result<bool> {
              LT_ASSIGN(state, read_history(job, history, std::nullopt));
              LT_ASSIGN(report.left.moment, state_of(*state.chain, start, held.sums));
              return report.left.moment.has_value();
            }));
  if (met) {
    // Agreeing says too that the state can be had from the history.
    LT_TRY(check_chain(*state.chain));
    report.right = report.left;
    report.right->is_database = false;
    report.right->digest.reset();
    return report;
  }
  LT_ASSIGN(const PageSums sums, sums_of_chain(job, *state.chain));
  report.right = history_side(path, state, sums.total);
  LT_TRY(compare(job, options, held.sums, sums, held.image.get(), state.chain, report));
  if (report.agrees()) report.left.moment = state.moment;  // a history without checksums
  leave_unsettled(start, report);
  return report;
}

Result<AuditReport> audit_history(const Job& job, const AuditInput& input) {
  LT_ASSIGN(const HistoryState state, read_history(job, input.place, input.at));
  const auto skip = [](Pgno, Bytes) { return Status(); };
  Checksum checksum = kEmptyDatabase;
  if (state.chain->last().header.commit > 0) {
    LT_ASSIGN(const NewestPages read, read_newest_pages(job, *state.chain, skip));
    checksum = read.checksum;
  }
  return AuditReport{history_side(input.path, state, checksum)};
}

Result<AuditReport> audit_copies(const Job& job, const AuditInput& left, const AuditInput& right,
                                 const AuditOptions& options) {
  struct Read {
    AuditSide side;
    PageSums sums;
    std::unique_ptr<DatabaseImage> image;
    std::shared_ptr<const ImageChain> chain;
  };
  const auto read = [&](const AuditInput& input) -> Result<Read> {
    if (input.is_database) {
      LT_ASSIGN(HeldDatabase held, read_database(job, input.path, options));
      AuditSide side = database_side(input.path, held.sums);
      return Read{std::move(side), std::move(held.sums), std::move(held.image), nullptr};
    }
    LT_ASSIGN(HistoryState state, read_history(job, input.place, input.at));
    LT_ASSIGN(PageSums sums, sums_of_chain(job, *state.chain));
    AuditSide side = history_side(input.path, state, sums.total);
    return Read{std::move(side), std::move(sums), nullptr, std::move(state.chain)};
  };
  LT_ASSIGN(const Read a, read(left));
  LT_ASSIGN(const Read b, read(right));
  AuditReport report{a.side, b.side};
  const DatabaseImage* const image = a.image != nullptr ? a.image.get() : b.image.get();
  const std::shared_ptr<const ImageChain>& chain = b.chain != nullptr ? b.chain : a.chain;
  LT_TRY(compare(job, options, a.sums, b.sums, image, chain, report));
  return report;
}

}  // namespace litetool
