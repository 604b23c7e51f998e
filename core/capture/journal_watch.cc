#include "core/capture/journal_watch.h"

#include <array>
#include <utility>

namespace litetool {

const File* JournalWatch::file() {
  if (file_ == nullptr) {
    auto opened = env_->open(dir_, path_, OpenMode::kRead);
    if (opened) file_ = *std::move(opened);
  }
  return file_.get();
}

void JournalWatch::moved_to(const std::string& database_path) {
  path_ = journal_of(database_path);
  forget();
}

JournalWatch::Begin JournalWatch::begin() {
  constexpr std::size_t kNonceOffset = 12;
  std::array<std::byte, kJournalHeaderSize> first{};
  const File* journal = file();
  if (journal == nullptr) return {};
  const auto n = journal->read_at(first, 0);
  if (!n) return {};
  return {journal_state(Bytes(first).first(*n)),
          load_be<std::uint32_t>(first.data() + kNonceOffset)};
}

// The journal of a transaction has its header before the first page of the database is written.
bool JournalWatch::is_unused() {
  const JournalState state = begin().state;
  return state == JournalState::kFinalised || state == JournalState::kEmpty;
}

void JournalWatch::learn_nonce() {
  const auto [state, nonce] = begin();
  const bool journalled = state == JournalState::kLive || state == JournalState::kUnsynced;
  nonce_ = journalled ? std::optional(nonce) : std::nullopt;
}

bool JournalWatch::has_moved_on() {
  const auto [state, nonce] = begin();
  switch (state) {
    case JournalState::kFinalised:
      return nonce_.has_value();
    case JournalState::kLive:
    case JournalState::kUnsynced:
      return nonce_ != nonce;
    case JournalState::kEmpty:
    case JournalState::kForeign:
      break;
  }
  return false;
}

}  // namespace litetool
