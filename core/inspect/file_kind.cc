#include "core/inspect/file_kind.h"

#include "formats/ltx/detect.h"
#include "formats/sqlite/file_header.h"
#include "formats/sqlite/journal.h"
#include "formats/sqlite/wal.h"
#include "formats/sqlite/wal_index.h"

namespace litetool {
namespace {

constexpr std::size_t kHeadSize = kWalIndexHeaderSize;

bool is_wal_magic(Bytes head) {
  if (head.size() < 4) return false;
  const auto magic = load_be<std::uint32_t>(head.data());
  return magic == kWalLittleEndianMagic || magic == kWalBigEndianMagic;
}

bool is_wal_index(Bytes head, const std::string& name) {
  const WalIndexVerdict verdict = decode_wal_index(head).verdict;
  if (verdict == WalIndexVerdict::kOk || verdict == WalIndexVerdict::kUnsupported) return true;
  // Torn or not built yet: the name says more than the bytes.
  return name.ends_with("-shm");
}

bool is_journal(Bytes head, const std::string& name) {
  switch (journal_state(head)) {
    case JournalState::kLive:
      return true;
    case JournalState::kUnsynced:
      return decode_journal_header(head).ok();
    case JournalState::kFinalised:
      return name.ends_with("-journal");
    case JournalState::kEmpty:
    case JournalState::kForeign:
      return false;
  }
  return false;
}

}  // namespace

const char* file_kind_text(FileKind kind) {
  switch (kind) {
    case FileKind::kUnknown:
      return "unknown";
    case FileKind::kEmpty:
      return "empty";
    case FileKind::kDatabase:
      return "database";
    case FileKind::kWal:
      return "wal";
    case FileKind::kWalIndex:
      return "wal_index";
    case FileKind::kJournal:
      return "journal";
    case FileKind::kLtx:
      return "ltx";
    case FileKind::kSegment:
      return "segment";
  }
  return "unknown";
}

Result<FileKind> detect_file_kind(const ByteSource& file, const std::string& name) {
  Buffer head(kHeadSize);
  LT_ASSIGN(const std::size_t n, file.read_at(head, 0));
  head.resize(n);
  if (head.empty()) return FileKind::kEmpty;
  if (is_database(head)) return FileKind::kDatabase;
  if (is_wal_magic(head)) return FileKind::kWal;
  if (ltx::looks_like_ltx(head)) {
    return name.ends_with(".ltxs") ? FileKind::kSegment : FileKind::kLtx;
  }
  if (is_wal_index(head, name)) return FileKind::kWalIndex;
  if (is_journal(head, name)) return FileKind::kJournal;
  return FileKind::kUnknown;
}

}  // namespace litetool
