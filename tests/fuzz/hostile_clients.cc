#include "tests/fuzz/hostile_clients.h"

#include <utility>

#include "formats/sqlite/journal.h"
#include "formats/sqlite/wal.h"
#include "formats/sqlite/wal_index.h"

namespace litetool {
namespace {

constexpr std::uint64_t kMostOffset = 1 << 18;
constexpr std::array<const char*, 4> kSuffixes = {"", "-wal", "-shm", "-journal"};
constexpr std::array<std::uint32_t, 4> kPageSizes = {512, 1024, 4096, 65536};
constexpr unsigned char kJournalMagic[] = {0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7};

FileRole role_of(Script& script) {
  return static_cast<FileRole>(script.byte() % 4);
}

void put_be32(Buffer& into, std::size_t at, std::uint32_t value) {
  store_be(into.data() + at, value);
}

// Of a wal-index, whose integers are those of the machine.
template <typename Value>
void put_native(Buffer& into, std::size_t at, Value value) {
  std::ranges::copy(std::as_bytes(std::span(&value, 1)),
                    into.begin() + static_cast<std::ptrdiff_t>(at));
}

// The header of the log in `wal`, where it has one, and the chain behind its last valid frame.
struct Log {
  WalHeader header;
  WalState state;
};
std::optional<Log> log_in(Bytes wal) {
  const auto header = decode_wal_header(wal);
  if (!header) return std::nullopt;
  const MemorySource source(wal);
  WalScanner scanner(source, *header, wal_start(*header));
  while (true) {
    const auto frame = scanner.next();
    if (!frame || !*frame || !(*frame)->ok()) break;
  }
  return Log{*header, scanner.state()};
}

}  // namespace

HostileClients::HostileClients(ClockedEnv& env, const CaptureContext& context)
    : env_(env), context_(context) {
  start();
}

void HostileClients::act(Script& script) {
  constexpr std::int64_t kStepMs = 70'000;  // longer than any pause after an error
  env_.now += kStepMs;
  switch (script.byte() % 18) {
    case 0: {
      const FileRole role = role_of(script);
      const bool sees_writes = script.byte() % 2 != 0;
      return open(role, sees_writes);
    }
    case 1:
      return close(role_of(script));
    case 2: {
      const FileRole role = role_of(script);
      const std::uint64_t offset = script.number() % kMostOffset;
      return write(role, offset, script.bytes(4096));
    }
    case 3: {
      const FileRole role = role_of(script);
      return resize(role, script.number() % kMostOffset);
    }
    case 4: {
      const FileRole role = role_of(script);
      return resize(role, std::uint64_t{script.byte()} * page_size());
    }
    case 5:
      return remove(role_of(script));
    case 6:
      return sync(role_of(script));
    case 7:
      page_size_ = kPageSizes[script.byte() % kPageSizes.size()];
      return;
    case 8:
      return write_page(script);
    case 9:
      return begin_log(script);
    case 10:
      return append_frame(script);
    case 11:
      return publish(script);
    case 12:
      return begin_journal(script);
    case 13:
      return append_record(script);
    case 14:
      (void)database_->tick();
      return;
    case 15:
      database_->catch_up();
      return;
    case 16:
      return end(script.byte() % 3);
    case 17:
      if (database_->wants_load()) (void)database_->load();
      database_->rest();
      return;
  }
}

void HostileClients::start() {
  open_ = {};
  database_ = std::make_unique<Database>(context_, kName);
  const auto quick = database_->load_quickly();
  if (!quick || !*quick) (void)database_->load();
}

void HostileClients::kill() {
  database_.reset();
  start();
}

void HostileClients::end(unsigned how) {
  const bool quiet = std::ranges::none_of(open_, &Open::is_open);
  if (how == 1) (void)database_->stop(quiet);
  if (how == 2) env_.boot += "'s successor";
  kill();
}

std::string HostileClients::path_of(FileRole role) {
  return std::string(kName) + kSuffixes[static_cast<std::size_t>(role)];
}

Bytes HostileClients::content(FileRole role) const {
  const Buffer* file = env_.find(path_of(role));
  return file == nullptr ? Bytes() : Bytes(*file);
}

void HostileClients::open(FileRole role, bool sees_writes) {
  if (open_of(role).is_open) return;
  database_->before_open();
  if (env_.find(path_of(role)) == nullptr) env_.put(path_of(role), Bytes());
  open_of(role) = {true, sees_writes};
  database_->opened(role, static_cast<std::uint64_t>(role) + 1, sees_writes);
}

void HostileClients::close(FileRole role) {
  if (!open_of(role).is_open) return;
  database_->before_last_writer_leaves(role);
  open_of(role) = {};
  database_->closed(role, static_cast<std::uint64_t>(role) + 1);
}

void HostileClients::write(FileRole role, std::uint64_t offset, Bytes bytes) {
  open(role, role == FileRole::kDatabase || role == FileRole::kJournal);
  const bool is_told = open_of(role).sees_writes;
  if (is_told) database_->before_write(role);
  const auto file = env_.open(kCwd, path_of(role), OpenMode::kReadWrite, 0);
  (void)(*file)->write_at(bytes, offset);
  ++env_.changes[path_of(role)];
  if (is_told) (void)database_->after_write(role, offset, bytes.size(), bytes);
}

void HostileClients::resize(FileRole role, std::uint64_t size) {
  if (env_.find(path_of(role)) == nullptr) return;
  database_->before_resize(role, size);
  const auto file = env_.open(kCwd, path_of(role), OpenMode::kReadWrite, 0);
  (void)(*file)->truncate(size);
  ++env_.changes[path_of(role)];
  database_->after_resize(role, size);
}

void HostileClients::remove(FileRole role) {
  if (env_.find(path_of(role)) == nullptr) return;
  database_->before_remove(role);
  (void)env_.unlink(kCwd, path_of(role));
  ++env_.changes[path_of(role)];
  open_of(role) = {};
  database_->after_remove(role, true);
}

void HostileClients::sync(FileRole role) {
  if (open_of(role).is_open) database_->before_sync(role);
}

Buffer HostileClients::page(Script& script, Pgno pgno) const {
  Buffer page(page_size(), static_cast<std::byte>(script.byte()));
  if (pgno != 1) return page;
  constexpr char kMagic[] = "SQLite format 3";
  std::ranges::copy(std::as_bytes(std::span(kMagic)), page.begin());
  store_be(page.data() + 16, static_cast<std::uint16_t>(page_size() == 65536 ? 1 : page_size()));
  page[18] = page[19] = std::byte{1} << (script.byte() % 2);  // rollback or WAL
  page[20] = std::byte{0};
  page[21] = std::byte{64};
  page[22] = page[23] = std::byte{32};
  put_be32(page, 24, 1);
  put_be32(page, 28, script.number());
  put_be32(page, 92, 1);
  return page;
}

void HostileClients::write_page(Script& script) {
  const Pgno pgno = script.byte() % 64 + 1;
  write(FileRole::kDatabase, std::uint64_t{pgno - 1} * page_size(), page(script, pgno));
}

void HostileClients::begin_log(Script& script) {
  Buffer header(kWalHeaderSize);
  put_be32(header, 0, kWalLittleEndianMagic);
  put_be32(header, 4, 3007000);
  put_be32(header, 8, page_size());
  put_be32(header, 16, script.byte());
  put_be32(header, 20, script.byte());
  const WalChecksum sum = wal_checksum({}, Bytes(header).first(24), false);
  put_be32(header, 24, sum.s1);
  put_be32(header, 28, sum.s2);
  write(FileRole::kWal, 0, header);
}

void HostileClients::append_frame(Script& script) {
  const auto log = log_in(content(FileRole::kWal));
  if (!log || log->header.page_size != page_size()) return;
  Buffer frame(kWalFrameHeaderSize);
  const Pgno pgno = script.number();
  put_be32(frame, 0, pgno);
  put_be32(frame, 4, script.number());
  store_be(frame.data() + 8, log->header.salts);
  const Buffer content = page(script, pgno);
  WalChecksum sum = log->state.checksum;
  sum = wal_checksum(sum, Bytes(frame).first(8), log->header.big_endian_checksum);
  sum = wal_checksum(sum, content, log->header.big_endian_checksum);
  put_be32(frame, 16, sum.s1);
  put_be32(frame, 20, sum.s2);
  frame.insert(frame.end(), content.begin(), content.end());
  write(FileRole::kWal, log->header.frame_offset(log->state.frame + 1), frame);
}

// A wal-index that tells of the frames that the log has, or of others.
void HostileClients::publish(Script& script) {
  const auto log = log_in(content(FileRole::kWal));
  if (!log) return;
  Buffer index(kWalIndexHeaderSize);
  put_native(index, 0, std::uint32_t{3007000});
  put_native(index, 8, script.number());
  index[12] = std::byte{1};
  put_native(
      index, 14,
      static_cast<std::uint16_t>(log->header.page_size == 65536 ? 1 : log->header.page_size));
  const std::uint32_t beyond = script.number();
  put_native(index, 16, log->state.frame + beyond);
  put_native(index, 20, script.number());
  put_native(index, 24, log->state.checksum.s1);
  put_native(index, 28, log->state.checksum.s2);
  store_be(index.data() + 32, log->header.salts);
  const bool big_endian = std::endian::native == std::endian::big;
  const WalChecksum sum = wal_checksum({}, Bytes(index).first(40), big_endian);
  put_native(index, 40, sum.s1);
  put_native(index, 44, sum.s2);
  std::copy_n(index.begin(), 48, index.begin() + 48);
  put_native(index, 96, script.number());
  write(FileRole::kShm, 0, index);
}

void HostileClients::begin_journal(Script& script) {
  Buffer header(512);
  const auto magic = std::as_bytes(std::span(kJournalMagic));
  if (script.byte() % 4 != 0) std::ranges::copy(magic, header.begin());
  put_be32(header, 8, script.number());
  put_be32(header, 12, script.byte());
  put_be32(header, 16, script.number());
  put_be32(header, 20, 512);
  put_be32(header, 24, page_size());
  write(FileRole::kJournal, 0, header);
}

void HostileClients::append_record(Script& script) {
  const Bytes journal = content(FileRole::kJournal);
  const auto header = decode_journal_header(journal);
  Buffer record(4);
  const Pgno pgno = script.number();
  put_be32(record, 0, pgno);
  const Buffer content = page(script, pgno);
  record.insert(record.end(), content.begin(), content.end());
  record.resize(record.size() + 4);
  put_be32(record, record.size() - 4, journal_checksum(header ? header->nonce : 0, content));
  write(FileRole::kJournal, std::max<std::uint64_t>(journal.size(), 512), record);
}

}  // namespace litetool
