// A database below a directory, each of its states, and what was told of its history: clients play
// their part beside a capture that may be killed at any moment.
#pragma once

#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/history/layout.h"
#include "tests/core/capture/run.h"
#include "tests/mount/truth.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unsynced_env.h"

namespace litetool::test {

// How the journal of a client in rollback mode ends.
enum class JournalEnd : std::uint8_t { kRemoved, kTruncated, kZeroed };

class Stage {
 public:
  Stage() {
    std::filesystem::create_directories(data());
    std::filesystem::create_directories(temp_.file("attic"));
  }

  std::string data() const { return temp_.file("data"); }
  std::string file(const std::string& of) const { return data() + "/" + of; }
  std::string history_of(const std::string& of) const {
    return file(history_folder_of(kHistoryFolder, of));
  }
  std::string history() const { return history_of(name); }
  std::string segment() const { return history() + "/" + segment_name(Txid{1}); }
  std::string attic() const { return temp_.file("attic"); }
  const std::vector<Buffer>& truth() const { return truth_; }
  const std::vector<Pos>& published() const { return published_; }

  // Where the client syncs its database, when a test is to know of it.
  Env* disk = nullptr;
  // After a power cut nobody does anything.
  std::function<bool()> is_dead = [] { return false; };

  // A client's work. It syncs nothing: its files count as synced anyway.
  void client(const std::string& sql) {
    if (is_dead()) return;
    if (session_ == nullptr) {
      session_ = std::make_unique<SqliteSession>(file(name));
      session_->exec("PRAGMA synchronous=OFF");
      if (journal_end == JournalEnd::kTruncated) session_->exec("PRAGMA journal_mode=TRUNCATE");
      if (journal_end == JournalEnd::kZeroed) session_->exec("PRAGMA journal_mode=PERSIST");
      REQUIRE(sqlite3_db_config(session_->get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr) ==
              SQLITE_OK);
    }
    session_->exec(sql);
    is_true_now();
  }
  void close_client() { session_.reset(); }
  void is_true_now() { truth_.push_back(committed_bytes(file(name))); }

  // What was published is lost with the history's bytes, which are to be kept somewhere.
  void distrust(const Buffer& bytes) {
    distrusted_.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    published_.clear();
  }
  const std::vector<std::string>& distrusted() const { return distrusted_; }

  // The same while it is watched.
  void client(Run& run, const std::string& sql) {
    if (is_dead()) return;
    const Buffer before = read_file(file(name));
    client(sql);
    const auto database = run.database(name);
    if (std::filesystem::exists(file(name + "-wal"))) {
      database->opened(FileRole::kWal, 1, false);
      database->catch_up();
      database->closed(FileRole::kWal, 1);
    } else {
      // As with synchronous=FULL.
      database->opened(FileRole::kJournal, 2, false);
      if (journal_end != JournalEnd::kRemoved) write_journal_header(true);
      database->before_sync(FileRole::kDatabase);
      sync_file();
      if (!is_dead()) before_journal_ends(*database);
      if (is_dead()) {  // SQLite plays back its journal
        write_file(file(name), before);
        if (journal_end == JournalEnd::kTruncated) truncate_journal();
        if (journal_end == JournalEnd::kZeroed) write_journal_header(false);
        truth_.pop_back();
        return;
      }
      after_journal_ended(*database);
    }
    publish(run);
  }
  // A client syncs what it then takes back.
  void abandoned(Run& run) {
    if (is_dead()) return;
    const Buffer before = read_file(file(name));
    session_->exec("INSERT INTO t VALUES(randomblob(7000))");
    const auto database = run.database(name);
    database->opened(FileRole::kJournal, 2, false);
    database->before_sync(FileRole::kDatabase);
    sync_file();
    session_.reset();
    if (!is_dead()) database->before_write(FileRole::kDatabase);
    write_file(file(name), before);
    if (!is_dead()) {
      database->before_remove(FileRole::kJournal);
      database->after_remove(FileRole::kJournal, true);
    }
  }
  void publish(Run& run) {
    if (is_dead()) return;
    const Pos pos = run.database(name)->position();
    if (pos.txid.value != 0) published_.push_back(pos);
  }

  // A client renames a file while it is watched; `done` follows at once.
  template <typename Done>
  void rename(Run& run, const std::string& from, const std::string& to, Done done) {
    (void)run.witness().rename(from, to, false, [&] {
      if (is_dead()) return EINTR;
      std::filesystem::rename(file(from), file(to));
      done();
      return 0;
    });
  }

  // A daemon that works, and is killed or ends well.
  template <typename Work>
  void daemon(bool ends_well, Work work) {
    UnsyncedEnv env(posix_env(), attic());
    Run run(data(), env);
    REQUIRE(run.loaded());
    work(run);
    if (ends_well) run.stop();
  }

  std::string name = "app.db";
  JournalEnd journal_end = JournalEnd::kRemoved;

 private:
  static constexpr std::size_t kJournalHeaderSize = 28;

  void before_journal_ends(Database& database) const {
    if (journal_end == JournalEnd::kRemoved) database.before_remove(FileRole::kJournal);
    if (journal_end == JournalEnd::kTruncated) database.before_resize(FileRole::kJournal, 0);
    if (journal_end == JournalEnd::kZeroed) write_journal_header(false);
  }
  // Of a transaction at work, or one that has ended: zeros.
  void write_journal_header(bool at_work) const {
    Buffer journal = read_file(file(name + "-journal"));
    journal.resize(std::max(journal.size(), kJournalHeaderSize));
    std::fill_n(journal.begin(), kJournalHeaderSize, std::byte{0});
    if (at_work) {
      store_be(journal.data(), std::uint64_t{0xd9d505f920a163d7});
      store_be(journal.data() + 8, std::uint32_t{1});
      store_be(journal.data() + 12, static_cast<std::uint32_t>(truth_.size()));  // its nonce
      store_be(journal.data() + 16, std::uint32_t{1});
      store_be(journal.data() + 20, std::uint32_t{512});
      store_be(journal.data() + 24, std::uint32_t{512});
    }
    write_file(file(name + "-journal"), journal);
  }
  void truncate_journal() const { write_file(file(name + "-journal"), Buffer()); }
  void after_journal_ended(Database& database) const {
    if (journal_end == JournalEnd::kRemoved) database.after_remove(FileRole::kJournal, true);
    if (journal_end == JournalEnd::kTruncated) {
      truncate_journal();
      database.after_resize(FileRole::kJournal, 0);
    }
    if (journal_end == JournalEnd::kZeroed) database.before_sync(FileRole::kJournal);
  }
  void sync_file() const {
    if (disk == nullptr) return;
    const auto opened = disk->open(kCwd, file(name), OpenMode::kRead, 0);
    REQUIRE(opened);
    (void)(*opened)->sync();
  }

  TempDir temp_{memory_directory()};
  std::unique_ptr<SqliteSession> session_;
  std::vector<Buffer> truth_;
  std::vector<Pos> published_;
  std::vector<std::string> distrusted_;
};

}  // namespace litetool::test
