// What a database says about itself when somebody asks.
#include <array>

#include "core/capture/database.h"
#include "formats/sqlite/file_header.h"

namespace litetool {

const char* capture_state_text(CaptureState state) {
  switch (state) {
    case CaptureState::kLoading:
      return "loading";
    case CaptureState::kReady:
      return "ready";
    case CaptureState::kNotCaptured:
      return "not captured";
  }
  return "";
}

DatabaseStatus Database::status() {
  const std::lock_guard lock(mutex_);
  DatabaseStatus status;
  status.path = path_;
  if (loaded_ && behind_since_ms_ == 0) {
    status.state = CaptureState::kReady;
  } else if (!loading_ && behind_since_ms_ != 0) {
    status.state = CaptureState::kNotCaptured;
    status.why = last_error_;
  }
  status.last_error = last_error_;
  if (behind_since_ms_ != 0) status.lag_ms = context_.env.now_ms() - behind_since_ms_;
  if (history_ && !loading_) {
    status.pos = history_->pos();
    status.commit = history_->commit();
    status.page_size = history_->page_size();
  }
  describe_file(status);
  return status;
}

std::optional<std::string> Database::segment_in_use() {
  const std::lock_guard lock(mutex_);
  if (!loaded_ || !history_ || history_->empty()) return std::nullopt;
  return history_->appended_segment();
}

// What the file's own header tells.
void Database::describe_file(DatabaseStatus& status) const {
  std::array<std::byte, kFileHeaderSize> first{};
  const auto file = context_.env.open(context_.dir, path_, OpenMode::kRead);
  if (!file) return;
  const auto n = (*file)->read_at(first, 0);
  if (!n) return;
  const Result<FileHeader> header = decode_file_header(Bytes(first).first(*n));
  if (!header) return;
  status.journal_mode = header->wal() ? "wal" : "rollback";
  status.sqlite_version = header->sqlite_version;
  if (commits_without_journal_) {
    status.warnings.push_back(
        "committed with journal_mode MEMORY or OFF: found by comparing pages, several "
        "transactions may be one");
  }
  if (header->wal() && has_wal_reset_bug(header->sqlite_version)) {
    status.warnings.push_back(
        "SQLite " + sqlite_version_text(header->sqlite_version) +
        " wrote last: it has the WAL-reset bug, which can damage a database "
        "that several connections write (fixed in 3.51.3, 3.50.7 and 3.44.6)");
  }
}

}  // namespace litetool
