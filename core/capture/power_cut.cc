#include "core/capture/power_cut.h"

#include <algorithm>

#include "core/history/history_reader.h"
#include "core/history/replay.h"
#include "core/ltx/rollback_journal.h"
#include "core/os/paths.h"

namespace litetool {
namespace {

bool is_earlier_point(const HistoryReader& reader, const History& history,
                      const PageChecksums& actual, std::uint32_t page_size) {
  return std::ranges::any_of(reader.images(), [&](const HistoryImage& image) {
    return image.max_txid < history.pos().txid && image.page_size == page_size &&
           image.commit == actual.pages() && image.post_apply == actual.database();
  });
}

class Forward {
 public:
  Forward(Env& env, int dir, const std::string& path, const CommittedView& view,
          const PageChecksums& actual)
      : env_(env), dir_(dir), path_(path), view_(view), actual_(actual) {}

  // What SQLite's own recovery would do: afterwards the file alone is the database. Can be repeated
  // from any point at which it is interrupted.
  Status fold_companions() {
    LT_ASSIGN(file_, env_.open(dir_, path_, OpenMode::kReadWrite));
    const std::uint32_t page_size = view_.page_size();
    Buffer page(page_size);
    for (const Pgno pgno : view_.overlaid()) {
      if (pgno > view_.commit()) continue;
      LT_TRY(view_.read(pgno, page));
      LT_TRY(file_->write_at(page, std::uint64_t{pgno - 1} * page_size));
    }
    LT_TRY(file_->truncate(std::uint64_t{view_.commit()} * page_size));
    LT_TRY(file_->sync());
    if (view_.hot_journal()) {
      LT_TRY(env_.unlink(dir_, path_ + "-journal"));
      return env_.sync_dir(dir_, directory_of(path_));
    }
    if (!view_.has_wal()) return {};
    LT_ASSIGN(const auto wal, env_.open(dir_, path_ + "-wal", OpenMode::kReadWrite));
    LT_TRY(wal->truncate(0));
    return wal->sync();
  }

  Result<PageChecksums> to_end_of(const HistoryReader& reader, const History& history) {
    LT_ASSIGN(const auto chain, reader.chain_to(history.pos().txid));
    LT_ASSIGN(RollbackJournal journal,
              RollbackJournal::create(env_, dir_, path_, view_.page_size(), actual_.pages()));
    PageChecksums end;
    end.resize(history.commit());
    LT_TRY(replay(reader, chain, [&](Pgno pgno, Bytes, Checksum checksum) -> Status {
      end.set(pgno, checksum);
      return keep_old(journal, pgno, checksum);
    }));
    for (Pgno pgno = history.commit() + 1; pgno <= actual_.pages(); ++pgno) {
      LT_TRY(keep_old(journal, pgno, Checksum{}));
    }
    LT_TRY(journal.arm());
    const Status written = write_new(reader, chain, history.commit());
    if (!written) {
      LT_TRY(journal.roll_back(*file_));
      return written.error();
    }
    LT_TRY(journal.remove());
    return end;
  }

 private:
  bool differs(Pgno pgno, Checksum checksum) const {
    return pgno > actual_.pages() || actual_.get(pgno) != checksum;
  }

  Status keep_old(RollbackJournal& journal, Pgno pgno, Checksum checksum) {
    const bool is_lock_page = pgno == lock_page(view_.page_size());
    if (pgno > actual_.pages() || is_lock_page || !differs(pgno, checksum)) return {};
    Buffer old(view_.page_size());
    LT_TRY(file_->read_exact(old, std::uint64_t{pgno - 1} * view_.page_size()));
    Buffer record;
    RollbackJournal::append_record(record, journal.nonce(), pgno, old);
    return journal.write(record);
  }

  Status write_new(const HistoryReader& reader, const std::vector<HistoryImage>& chain,
                   Pgno commit) {
    LT_TRY(replay(reader, chain, [&](Pgno pgno, Bytes page, Checksum checksum) -> Status {
      if (!differs(pgno, checksum)) return {};
      return file_->write_at(page, std::uint64_t{pgno - 1} * view_.page_size());
    }));
    LT_TRY(file_->truncate(std::uint64_t{commit} * view_.page_size()));
    return file_->sync();
  }

  Env& env_;
  const int dir_;
  const std::string& path_;
  const CommittedView& view_;
  const PageChecksums& actual_;
  std::unique_ptr<File> file_;
};

}  // namespace

Result<std::optional<PageChecksums>> bring_forward(Env& env, int dir, const std::string& path,
                                                   const CommittedView& view,
                                                   const PageChecksums& actual,
                                                   const History& history) {
  using Nothing = std::optional<PageChecksums>;
  if (history.commit() == 0 || history.page_size() != view.page_size()) return Nothing();
  LT_ASSIGN(const HistoryReader reader, history.reader());
  if (!is_earlier_point(reader, history, actual, view.page_size())) return Nothing();
  Forward forward(env, dir, path, view, actual);
  LT_TRY(forward.fold_companions());
  LT_ASSIGN(PageChecksums end, forward.to_end_of(reader, history));
  return Nothing(std::move(end));
}

}  // namespace litetool
