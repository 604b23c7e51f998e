#include "core/capture/committed_view.h"

#include <algorithm>
#include <array>
#include <cerrno>

#include "core/os/paths.h"
#include "formats/sqlite/file_header.h"
#include "formats/sqlite/journal.h"

namespace litetool {
namespace {

// The file, or null when there is none.
Result<std::unique_ptr<File>> open_if_there(Env& env, int dir, const std::string& path) {
  auto file = env.open(dir, path, OpenMode::kRead);
  if (file) return file;
  // A name with our suffix may be longer than names can be.
  const bool absent =
      file.error().code == Errc::kNotFound || file.error().sys_errno == ENAMETOOLONG;
  if (!absent) return file;
  return std::unique_ptr<File>();
}

Result<bool> is_hot(Env& env, int dir, const std::string& database_path, const File& journal) {
  std::array<std::byte, kJournalHeaderSize> first{};
  LT_ASSIGN(const std::size_t n, journal.read_at(first, 0));
  if (journal_state(Bytes(first).first(n)) != JournalState::kLive) return false;
  LT_ASSIGN(const auto super_journal, read_super_journal_name(journal));
  if (!super_journal) return true;
  // Its path is absolute and goes through the mount point, so it is looked for beside the database.
  return env.stat(dir, directory_of(database_path) + "/" + last_part(*super_journal)).ok();
}

}  // namespace

Result<bool> journal_is_hot(Env& env, int dir, const std::string& database_path) {
  LT_ASSIGN(const auto journal, open_if_there(env, dir, database_path + "-journal"));
  if (journal == nullptr) return false;
  return is_hot(env, dir, database_path, *journal);
}

Result<CommittedView> CommittedView::open(Env& env, int dir, const std::string& path, Read read,
                                          std::optional<WalState> published) {
  CommittedView view;
  LT_ASSIGN(view.file_, env.open(dir, path, OpenMode::kRead));
  view.file_size_ = view.file_->size();
  if (read == Read::kAll) LT_TRY(view.overlay_wal(env, dir, path, published));
  if (read == Read::kAll && !view.has_wal()) LT_TRY(view.overlay_journal(env, dir, path));
  if (view.page_size_ == 0) LT_TRY(view.read_header());
  return view;
}

Status CommittedView::read_header() {
  std::array<std::byte, kFileHeaderSize> first{};
  LT_ASSIGN(const std::size_t n, file_->read_at(first, 0));
  if (n < first.size() || !is_database(first)) {
    return Error(Errc::kUnsupported, "not a SQLite database");
  }
  LT_ASSIGN(const FileHeader header, decode_file_header(first));
  page_size_ = header.page_size;
  commit_ = std::min(database_pages(header, file_size_), file_pages(page_size_, file_size_));
  return {};
}

Status CommittedView::overlay_wal(Env& env, int dir, const std::string& path,
                                  const std::optional<WalState>& published) {
  LT_ASSIGN(companion_, open_if_there(env, dir, path + "-wal"));
  if (companion_ == nullptr) return {};
  std::array<std::byte, kWalHeaderSize> first{};
  LT_ASSIGN(const std::size_t n, companion_->read_at(first, 0));
  const Result<WalHeader> header = decode_wal_header(Bytes(first).first(n));
  if (!header) return {};  // SQLite takes such a log as empty
  // The index of an older log has published nothing of this one.
  std::uint32_t last = UINT32_MAX;
  if (published) last = published->salts == header->salts ? published->frame : 0;
  WalScanner scanner(*companion_, *header, wal_start(*header), last);
  std::vector<std::pair<Pgno, std::uint64_t>> pending;
  while (true) {
    LT_ASSIGN(const std::optional<WalFrame> frame, scanner.next());
    if (!frame || !frame->ok()) break;
    pending.emplace_back(frame->pgno, frame->page_offset());
    if (frame->commit == 0) continue;
    for (const auto& [pgno, offset] : pending) overlay_[pgno] = offset;
    pending.clear();
    commit_ = frame->commit;
  }
  wal_header_ = *header;
  wal_end_ = scanner.committed();
  if (wal_end_.frame != 0) page_size_ = header->page_size;
  return {};
}

Status CommittedView::overlay_journal(Env& env, int dir, const std::string& path) {
  LT_ASSIGN(companion_, open_if_there(env, dir, path + "-journal"));
  if (companion_ == nullptr) return {};
  LT_ASSIGN(hot_journal_, is_hot(env, dir, path, *companion_));
  if (!hot_journal_) return {};
  const auto journal = list_journal_pages(*companion_, 0);
  if (!journal && journal.error().code == Errc::kCorrupt) {  // SQLite plays nothing of it back
    hot_journal_ = false;
    return {};
  }
  if (!journal) return journal.error();
  for (const JournalPage& page : journal->pages) overlay_[page.pgno] = page.page_offset;
  page_size_ = journal->page_size;
  commit_ = journal->initial_pages;
  return {};
}

Status CommittedView::read(Pgno pgno, MutableBytes page) const {
  const auto found = overlay_.find(pgno);
  if (found != overlay_.end()) return companion_->read_exact(page, found->second);
  LT_ASSIGN(const std::size_t n, file_->read_at(page, (std::uint64_t{pgno} - 1) * page_size_));
  std::ranges::fill(page.subspan(n), std::byte{0});
  return {};
}

Status CommittedView::read_run(Pgno first, MutableBytes pages) const {
  LT_ASSIGN(const std::size_t n, file_->read_at(pages, (std::uint64_t{first} - 1) * page_size_));
  std::ranges::fill(pages.subspan(n), std::byte{0});
  const auto count = static_cast<Pgno>(pages.size() / page_size_);
  for (Pgno i = 0; i < count && !overlay_.empty(); ++i) {
    const auto found = overlay_.find(first + i);
    if (found == overlay_.end()) continue;
    const MutableBytes page = pages.subspan(std::size_t{i} * page_size_, page_size_);
    LT_TRY(companion_->read_exact(page, found->second));
  }
  return {};
}

std::vector<Pgno> CommittedView::overlaid() const {
  std::vector<Pgno> pages;
  pages.reserve(overlay_.size());
  for (const auto& [pgno, offset] : overlay_) pages.push_back(pgno);
  std::ranges::sort(pages);
  return pages;
}

}  // namespace litetool
