#include "core/ltx/rollback_journal.h"

#include <array>
#include <utility>

#include "core/os/paths.h"
#include "core/os/writeback.h"
#include "formats/sqlite/journal.h"

namespace litetool {
namespace {

constexpr std::uint64_t kMagic = 0xd9d505f920a163d7;
constexpr std::size_t kSectorSize = 512;  // the header is padded to it

}  // namespace

Result<RollbackJournal> RollbackJournal::create(Env& env, int dir, const std::string& database,
                                                std::uint32_t page_size, Pgno initial_pages) {
  const std::string path = database + "-journal";
  LT_ASSIGN(auto file, env.open(dir, path, OpenMode::kCreate));
  // Any number does that a leftover record is unlikely to have been written with.
  const auto nonce =
      static_cast<std::uint32_t>(static_cast<std::uint64_t>(env.now_ms()) * 2654435761);
  RollbackJournal journal(env, dir, path, std::move(file), page_size, initial_pages, nonce);
  LT_TRY(journal.file_->truncate(0));
  LT_TRY(journal.file_->truncate(kSectorSize));
  return journal;
}

RollbackJournal::RollbackJournal(Env& env, int dir, std::string path, std::unique_ptr<File> file,
                                 std::uint32_t page_size, Pgno initial_pages, std::uint32_t nonce)
    : env_(env),
      dir_(dir),
      path_(std::move(path)),
      file_(std::move(file)),
      page_size_(page_size),
      initial_pages_(initial_pages),
      nonce_(nonce) {}

RollbackJournal::RollbackJournal(RollbackJournal&& o) noexcept
    : env_(o.env_),
      dir_(o.dir_),
      path_(std::exchange(o.path_, "")),
      file_(std::move(o.file_)),
      page_size_(o.page_size_),
      initial_pages_(o.initial_pages_),
      nonce_(o.nonce_),
      records_(o.records_),
      armed_(o.armed_) {}

RollbackJournal::~RollbackJournal() {
  // Best effort: what is left behind begins with zeros and means nothing to SQLite.
  if (!path_.empty() && !armed_) (void)env_.unlink(dir_, path_);
}

void RollbackJournal::append_record(Buffer& out, std::uint32_t nonce, Pgno pgno, Bytes page) {
  ByteWriter w(out);
  w.be(pgno);
  w.bytes(page);
  w.be(journal_checksum(nonce, page));
}

Status RollbackJournal::write(Bytes records) {
  records_ += static_cast<std::uint32_t>(records.size() / (std::size_t{page_size_} + 8));
  LT_TRY(file_->append({records}));
  start_writeback(*file_, file_->size() - records.size(), records.size());
  return {};
}

Status RollbackJournal::arm() {
  Buffer header;
  ByteWriter w(header);
  w.be(kMagic);
  w.be(records_);
  w.be(nonce_);
  w.be(initial_pages_);
  w.be(static_cast<std::uint32_t>(kSectorSize));
  w.be(page_size_);
  // The records are synced together with the header: as long as the database is untouched, a
  // journal of which only a part reached the disk rolls back to what is there anyway.
  LT_TRY(file_->write_at(header, 0));
  armed_ = true;
  LT_TRY(file_->sync());
  return env_.sync_dir(dir_, directory_of(path_));
}

Status RollbackJournal::remove() {
  LT_TRY(env_.unlink(dir_, path_));
  const std::string directory = directory_of(path_);
  path_.clear();
  return env_.sync_dir(dir_, directory);
}

Status RollbackJournal::roll_back(File& database) {
  LT_ASSIGN(auto reader, JournalReader::open(*file_, page_size_));
  while (true) {
    LT_ASSIGN(const auto record, reader.next());
    if (!record || !record->ok()) break;
    LT_TRY(database.write_at(record->page, std::uint64_t{record->pgno - 1} * page_size_));
  }
  LT_TRY(database.truncate(std::uint64_t{initial_pages_} * page_size_));
  LT_TRY(database.sync());
  return remove();
}

}  // namespace litetool
