#include "core/capture/roll_forward.h"

#include <algorithm>

#include "core/capture/wal_capture.h"

namespace litetool {
namespace {

// Where in the WAL the history's last transaction ends; the start of the log if it is not in there.
Result<WalState> end_of_history(Env& env, int dir, const std::string& path, const Ahead& ahead) {
  const WalHeader& log = ahead.view.wal_header();
  const ltx::Header& last = *ahead.history.last_header();
  const WalSalts salts = (std::uint64_t{last.wal_salt1} << 32) | last.wal_salt2;
  if (last.wal_offset == 0 || salts != log.salts) return wal_start(log);
  const auto end = static_cast<std::uint64_t>(last.wal_offset + last.wal_size);
  LT_ASSIGN(const std::unique_ptr<File> wal, env.open(dir, path + "-wal", OpenMode::kRead));
  WalScanner scanner(*wal, log, wal_start(log), log.frames_in(end));
  while (true) {
    LT_ASSIGN(const std::optional<WalFrame> next, scanner.next());
    if (!next || !next->ok()) break;
  }
  return scanner.committed();
}

// Whether the database was where the history ends when the log began. The file alone was the
// database then; what the log has covered since is compared here, the rest with the whole. A
// checkpoint of this log may have hidden a transaction that nobody captured before it.
Result<bool> log_begins_at_end(const Ahead& ahead) {
  const CommittedView& view = ahead.view;
  const std::uint64_t page_size = view.page_size();
  const Pgno commit = ahead.history.commit();
  if (view.file().size() > commit * page_size) return false;
  Buffer page(page_size);
  for (const Pgno pgno : view.overlaid()) {
    if (pgno > commit) break;
    LT_ASSIGN(const std::size_t n, view.file().read_at(page, (pgno - 1) * page_size));
    std::fill(page.begin() + static_cast<std::ptrdiff_t>(n), page.end(), std::byte{0});
    if (page_checksum(pgno, page) != ahead.captured.get(pgno)) return false;
  }
  return true;
}

}  // namespace

Result<std::optional<WalState>> transactions_to_come(Env& env, int dir, const std::string& path,
                                                     const Ahead& ahead) {
  using Nothing = std::optional<WalState>;
  const CommittedView& view = ahead.view;
  if (!view.has_wal() || view.wal_end().frame == 0) return Nothing();
  if (view.page_size() != ahead.history.page_size()) return Nothing();
  LT_ASSIGN(const WalState from, end_of_history(env, dir, path, ahead));
  if (from.frame == 0) {
    LT_ASSIGN(const bool begins_there, log_begins_at_end(ahead));
    if (!begins_there) return Nothing();
  }
  PageChecksums rehearsed = ahead.captured;
  Buffer scratch(view.page_size());
  WalCapture wal(env, dir, path, ahead.most_pages);
  wal.resume(from);
  LT_ASSIGN(const auto outcome,
            wal.capture_until(view.wal_end().frame, ahead.history.commit(),
                              [&](const Transaction& t) -> Status {
                                rehearsed.resize(t.commit);
                                for (std::size_t i = 0; i < t.pages.size(); ++i) {
                                  LT_ASSIGN(const Bytes page, t.read(i, t.pages[i], scratch));
                                  rehearsed.set(t.pages[i], page_checksum(t.pages[i], page));
                                }
                                return {};
                              }));
  const bool arrives = outcome == WalCapture::Outcome::kDone && wal.state() == view.wal_end() &&
                       rehearsed.database() == ahead.actual.database() &&
                       rehearsed.pages() == ahead.actual.pages();
  return arrives ? Nothing(from) : Nothing();
}

}  // namespace litetool
