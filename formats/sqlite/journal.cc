#include "formats/sqlite/journal.h"

#include <algorithm>
#include <bit>

#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::uint64_t kJournalMagic = 0xd9d505f920a163d7;
constexpr std::uint32_t kMinSectorSize = 32;
constexpr std::uint32_t kMaxSectorSize = 65536;
constexpr std::size_t kFirstReadSize = std::size_t{1} << 16;  // most journals are short
constexpr std::size_t kReadSize = std::size_t{1} << 20;

std::uint64_t round_up(std::uint64_t n, std::uint32_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

Result<Buffer> read_some(const ByteSource& source, std::size_t size, std::uint64_t offset) {
  Buffer b(size);
  LT_ASSIGN(const std::size_t n, source.read_at(b, offset));
  b.resize(n);
  return b;
}

// A finalised journal has lost its first header. The first record follows at the sector size, which
// is 512 unless the file system declared another; its checksum, taken back, yields the nonce. Right
// is the sector size at which a second record fits that nonce; with a single record, the first
// plausible one.
Result<JournalSegment> guess_segment(const ByteSource& journal, std::uint32_t page_size) {
  const std::size_t record = std::size_t{page_size} + 8;
  std::optional<JournalSegment> plausible;
  for (const std::uint32_t sector : {512U, 4096U, 1024U, 2048U, 8192U, 16384U, 32768U, 65536U}) {
    LT_ASSIGN(const Buffer two, read_some(journal, 2 * record, sector));
    if (two.size() < record) continue;
    const Bytes page = Bytes(two).subspan(4, page_size);
    const auto pgno = load_be<std::uint32_t>(two.data());
    if (pgno == 0 || pgno == lock_page(page_size)) continue;
    const auto nonce = load_be<std::uint32_t>(two.data() + record - 4) - journal_checksum(0, page);
    const JournalSegment found{0, JournalState::kFinalised, {0, nonce, 0, sector, page_size}};
    if (two.size() == 2 * record) {
      const Bytes second = Bytes(two).subspan(record + 4, page_size);
      const auto checksum = load_be<std::uint32_t>(two.data() + 2 * record - 4);
      if (journal_checksum(nonce, second) == checksum) return found;
    }
    if (!plausible) plausible = found;
  }
  if (!plausible) return Error(Errc::kNotFound, "finalised journal without a record");
  return *plausible;
}

}  // namespace

const char* journal_state_text(JournalState state) {
  switch (state) {
    case JournalState::kEmpty:
      return "empty";
    case JournalState::kFinalised:
      return "finalised";
    case JournalState::kUnsynced:
      return "unsynced";
    case JournalState::kLive:
      return "live";
    case JournalState::kForeign:
      return "not a journal";
  }
  return "unknown";
}

const char* journal_record_verdict_text(JournalRecordVerdict verdict) {
  switch (verdict) {
    case JournalRecordVerdict::kOk:
      return "ok";
    case JournalRecordVerdict::kChecksumMismatch:
      return "checksum mismatch";
    case JournalRecordVerdict::kBadPgno:
      return "impossible page number";
    case JournalRecordVerdict::kTorn:
      return "torn";
  }
  return "unknown";
}

JournalState journal_state(Bytes first) {
  if (first.empty()) return JournalState::kEmpty;
  if (first.size() < kJournalHeaderSize) return JournalState::kForeign;
  if (load_be<std::uint64_t>(first.data()) == kJournalMagic) return JournalState::kLive;
  if (!all_zero(first.first(12))) return JournalState::kForeign;
  const bool rest_zero = all_zero(first.subspan(12, kJournalHeaderSize - 12));
  return rest_zero ? JournalState::kFinalised : JournalState::kUnsynced;
}

Result<JournalHeader> decode_journal_header(Bytes first) {
  const JournalState state = journal_state(first);
  if (state != JournalState::kLive && state != JournalState::kUnsynced) {
    return Error::corrupt(0, format("rollback journal: header is %s", journal_state_text(state)));
  }
  JournalHeader h;
  ByteReader r(first);
  r.skip(8);
  h.records = r.be<std::uint32_t>();
  h.nonce = r.be<std::uint32_t>();
  h.initial_pages = r.be<std::uint32_t>();
  h.sector_size = r.be<std::uint32_t>();
  h.page_size = r.be<std::uint32_t>();
  if (h.sector_size < kMinSectorSize || h.sector_size > kMaxSectorSize ||
      !std::has_single_bit(h.sector_size)) {
    return Error::corrupt(20, format("rollback journal: sector size is %u", h.sector_size));
  }
  if (!is_page_size(h.page_size)) {
    return Error::corrupt(24, format("rollback journal: page size is %u", h.page_size));
  }
  return h;
}

std::uint32_t journal_checksum(std::uint32_t nonce, Bytes page) {
  std::uint32_t sum = nonce;
  for (std::size_t left = page.size(); left > 200;) {
    left -= 200;
    sum += std::to_integer<std::uint32_t>(page[left]);
  }
  return sum;
}

JournalReader::JournalReader(const ByteSource& journal, JournalSegment first,
                             std::uint32_t page_size)
    : journal_(&journal),
      segment_(first),
      offset_(first.header.sector_size),
      page_size_(page_size),
      sector_size_(first.header.sector_size),
      initial_pages_(first.header.initial_pages) {}

Result<JournalReader> JournalReader::open(const ByteSource& journal, std::uint32_t page_size) {
  LT_ASSIGN(const Buffer head, read_some(journal, kJournalHeaderSize, 0));
  const JournalState state = journal_state(head);
  if (state == JournalState::kEmpty) return Error(Errc::kNotFound, "journal is empty");
  if (state == JournalState::kFinalised) {
    if (!is_page_size(page_size)) {
      return Error(Errc::kNotFound, "journal is finalised and the page size is not known");
    }
    LT_ASSIGN(const JournalSegment segment, guess_segment(journal, page_size));
    return JournalReader(journal, segment, page_size);
  }
  LT_ASSIGN(const JournalHeader header, decode_journal_header(head));
  return JournalReader(journal, {0, state, header}, header.page_size);
}

bool JournalReader::counted() const {
  return segment_.state == JournalState::kLive && segment_.header.records != kJournalRecordsToEnd;
}

Status JournalReader::fill() {
  const std::size_t size = buffer_.empty() ? kFirstReadSize : kReadSize;
  const std::size_t records = std::max<std::size_t>(size / record_size(), 1);
  buffer_.resize(records * record_size());
  buffer_offset_ = offset_;
  filled_ = 0;
  LT_ASSIGN(filled_, journal_->read_at(buffer_, offset_));
  return {};
}

Result<JournalRecord> JournalReader::read_record() {
  if (offset_ < buffer_offset_ || offset_ + record_size() > buffer_offset_ + filled_)
    LT_TRY(fill());
  JournalRecord record;
  record.segment = segment_index_;
  record.number = number_ + 1;
  record.offset = offset_;
  const std::size_t at = static_cast<std::size_t>(offset_ - buffer_offset_);
  if (filled_ - at < record_size()) return record;
  ByteReader r(Bytes(buffer_).subspan(at, record_size()));
  record.pgno = r.be<std::uint32_t>();
  record.page = r.bytes(page_size_);
  record.checksum = r.be<std::uint32_t>();
  if (record.pgno == 0 || record.pgno == lock_page(page_size_)) {
    record.verdict = JournalRecordVerdict::kBadPgno;
  } else if (journal_checksum(segment_.header.nonce, record.page) != record.checksum) {
    record.verdict = JournalRecordVerdict::kChecksumMismatch;
  } else {
    record.verdict = JournalRecordVerdict::kOk;
  }
  return record;
}

// Moves to the segment at the next multiple of the sector size; false when there is none. Only the
// first segment's sector and page size count (for SQLite too).
Result<bool> JournalReader::next_segment() {
  const std::uint64_t at = round_up(offset_, sector_size_);
  LT_ASSIGN(const Buffer head, read_some(*journal_, kJournalHeaderSize, at));
  const Result<JournalHeader> header = decode_journal_header(head);
  if (!header || header->page_size != page_size_) return false;
  segment_ = {at, journal_state(head), *header};
  ++segment_index_;
  number_ = 0;
  offset_ = at + sector_size_;
  return true;
}

Result<std::optional<JournalRecord>> JournalReader::next() {
  using Next = std::optional<JournalRecord>;
  while (!ended_) {
    if (!counted() || number_ < segment_.header.records) {
      LT_ASSIGN(const JournalRecord record, read_record());
      if (record.ok()) {
        offset_ += record_size();
        ++number_;
        return Next(record);
      }
      if (counted()) {
        ended_ = true;
        return Next(record);
      }
    }
    LT_ASSIGN(const bool more, next_segment());
    ended_ = !more;
  }
  return Next();
}

Result<JournalPages> list_journal_pages(const ByteSource& journal, std::uint32_t page_size) {
  LT_ASSIGN(JournalReader reader, JournalReader::open(journal, page_size));
  JournalPages list;
  while (true) {
    LT_ASSIGN(const std::optional<JournalRecord> record, reader.next());
    if (!record) break;
    if (record->ok()) list.pages.push_back({record->pgno, record->page_offset()});
  }
  list.page_size = reader.page_size();
  list.initial_pages = reader.initial_pages();
  list.segments = reader.segments();
  std::ranges::stable_sort(list.pages, {}, &JournalPage::pgno);
  const auto repeated = std::ranges::unique(list.pages, {}, &JournalPage::pgno);
  list.pages.erase(repeated.begin(), repeated.end());
  return list;
}

Result<std::optional<std::string>> read_super_journal_name(const ByteSource& journal) {
  using Name = std::optional<std::string>;
  constexpr std::size_t kTailSize = 16;
  constexpr std::uint32_t kMaxNameSize = 4096;
  const std::uint64_t size = journal.size();
  if (size < kTailSize) return Name();
  LT_ASSIGN(const Buffer tail, read_some(journal, kTailSize, size - kTailSize));
  if (tail.size() < kTailSize || load_be<std::uint64_t>(tail.data() + 8) != kJournalMagic) {
    return Name();
  }
  const auto length = load_be<std::uint32_t>(tail.data());
  if (length == 0 || length > kMaxNameSize || length > size - kTailSize) return Name();
  LT_ASSIGN(const Buffer raw, read_some(journal, length, size - kTailSize - length));
  // SQLite sums plain chars, whose sign depends on the machine.
  std::uint32_t sum_unsigned = 0;
  std::uint32_t sum_signed = 0;
  std::string name;
  for (const std::byte b : raw) {
    const auto c = std::to_integer<std::uint8_t>(b);
    sum_unsigned += c;
    sum_signed += static_cast<std::uint32_t>(static_cast<std::int8_t>(c));
    name.push_back(static_cast<char>(c));
  }
  const auto checksum = load_be<std::uint32_t>(tail.data() + 4);
  if (raw.size() != length || (checksum != sum_unsigned && checksum != sum_signed)) return Name();
  if (name.find('\0') != std::string::npos) return Name();
  return Name(std::move(name));
}

}  // namespace litetool
