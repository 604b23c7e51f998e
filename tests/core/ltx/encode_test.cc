#include "core/ltx/encode.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "tests/support/ltx_images.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

using test::SqliteSession;

struct Place {
  test::TempDir dir;
  std::string db() const { return dir.file("app.db"); }
  std::string out() const { return dir.file("out.ltx"); }
  std::string restored() const { return dir.file("restored.db"); }

  Result<EncodeReport> encode(EncodeOptions options = {}) const {
    options.replace = true;
    return encode_database(Job{posix_env(), 2}, db(), out(), options);
  }
  // The database in the file, as a database of its own.
  void restore() const {
    const auto read = test::read_ltx(test::read_file(out()));
    if (!read) FAIL(read.error().text());
    Buffer bytes;
    for (const auto& [pgno, page] : read->pages)
      bytes.insert(bytes.end(), page.begin(), page.end());
    test::write_file(restored(), bytes);
  }
  std::string restored_value(const std::string& sql) const {
    SqliteSession session(restored());
    CHECK(session.value("PRAGMA integrity_check") == "ok");
    return session.value(sql);
  }
};

// A process that commits until it is ended. Not a thread: closing a descriptor of a database drops
// the locks that SQLite holds on it in the same process.
class Writer {
 public:
  explicit Writer(const std::string& path) : child_(::fork()) {
    if (child_ == 0) write_on(path);
  }
  ~Writer() {
    ::kill(child_, SIGKILL);
    ::waitpid(child_, nullptr, 0);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

 private:
  [[noreturn]] static void write_on(const std::string& path) {
    SqliteSession s(path);
    s.exec("PRAGMA busy_timeout=20000; PRAGMA wal_autocheckpoint=20; PRAGMA synchronous=off");
    while (true) {
      s.exec(
          "BEGIN IMMEDIATE; UPDATE a SET x=x+1; INSERT INTO pad VALUES(randomblob(3000)); "
          "DELETE FROM pad WHERE rowid < (SELECT max(rowid)-60 FROM pad); UPDATE b SET x=x+1; "
          "COMMIT");
    }
  }

  const pid_t child_;
};

}  // namespace

TEST_CASE("encode: every variant holds the database, header as asked") {
  Place p;
  SqliteSession(p.db()).exec("CREATE TABLE t(x); INSERT INTO t VALUES(randomblob(20000))");
  for (const ltx::Variant v : ltx::kWritableVariants) {
    EncodeOptions o;
    o.variant = v;
    o.txid = Txid{41};
    o.timestamp_ms = 1234;
    o.node_id = 7;
    const auto report = p.encode(o);
    if (!report) FAIL(report.error().text());
    CHECK(report->header.max_txid == Txid{41});
    CHECK(report->header.timestamp_ms == 1234);
    p.restore();
    CHECK(test::read_file(p.restored()) == test::read_file(p.db()));
  }
  EncodeOptions none;
  none.checksums = false;
  const auto report = p.encode(none);
  REQUIRE(report);
  CHECK(report->trailer.post_apply == Checksum{});
}

TEST_CASE("encode: an empty file is an empty database") {
  Place p;
  test::write_file(p.db(), {});
  const auto report = p.encode();
  if (!report) FAIL(report.error().text());
  CHECK(report->header.commit == 0);
  CHECK(report->trailer.post_apply == kEmptyDatabase);
}

TEST_CASE("encode: committed frames of the log are taken in, with and without a client") {
  Place p;
  {
    SqliteSession s(p.db());
    s.exec("PRAGMA journal_mode=wal; PRAGMA wal_autocheckpoint=0; CREATE TABLE t(x)");
    s.exec("INSERT INTO t VALUES(1); INSERT INTO t VALUES(2)");
    const auto live = p.encode();
    if (!live) FAIL(live.error().text());
    CHECK(live->wal_frames > 0);
    p.restore();
    CHECK(p.restored_value("SELECT count(*) FROM t") == "2");
    std::filesystem::copy(p.db() + "-wal", p.dir.file("kept-wal"));
    std::filesystem::copy(p.db(), p.dir.file("kept"));
    std::filesystem::copy(p.db() + "-shm", p.dir.file("kept-shm"));
  }
  // What a kill leaves behind: the log, with or without an index that nobody holds.
  for (const bool with_index : {false, true}) {
    Place dead;
    std::filesystem::copy(p.dir.file("kept"), dead.db());
    std::filesystem::copy(p.dir.file("kept-wal"), dead.db() + "-wal");
    if (with_index) std::filesystem::copy(p.dir.file("kept-shm"), dead.db() + "-shm");
    const auto report = dead.encode();
    if (!report) FAIL(report.error().text());
    dead.restore();
    CHECK(dead.restored_value("SELECT count(*) FROM t") == "2");
    CHECK(std::filesystem::exists(dead.db() + "-shm") == with_index);
  }
}

TEST_CASE("encode: while a writer commits and checkpoints, every file is a committed state") {
  for (const char* mode : {"wal", "delete"}) {
    Place p;
    SqliteSession(p.db()).exec(std::string("PRAGMA journal_mode=") + mode +
                               ";"
                               "CREATE TABLE a(x); CREATE TABLE b(x); INSERT INTO a VALUES(0); "
                               "INSERT INTO b VALUES(0); CREATE TABLE pad(x)");
    const Writer writer(p.db());
    int last = -1;
    for (int i = 0; i < 15; ++i) {
      EncodeOptions o;
      o.timeout_ms = 20000;
      const auto report = p.encode(o);
      if (!report) FAIL(report.error().text());
      p.restore();
      const int a = std::stoi(p.restored_value("SELECT x FROM a"));
      CHECK(std::to_string(a) == p.restored_value("SELECT x FROM b"));
      CHECK(a >= last);
      last = a;
      std::filesystem::remove(p.restored() + "-wal");
      std::filesystem::remove(p.restored() + "-shm");
    }
    CHECK(last > 0);
  }
}

TEST_CASE("encode: a hot journal, a garbage file and an existing output are refused") {
  Place p;
  SqliteSession(p.db()).exec("CREATE TABLE t(x)");
  test::write_file(p.db() + "-journal", as_bytes("\xd9\xd5 and so on"));
  const auto hot = p.encode();
  REQUIRE_FALSE(hot);
  CHECK(hot.error().message.find("hot") != std::string::npos);
  std::filesystem::remove(p.db() + "-journal");
  EncodeOptions keep;
  test::write_file(p.out(), as_bytes("x"));
  const auto kept = encode_database(Job{posix_env(), 1}, p.db(), p.out(), keep);
  REQUIRE_FALSE(kept);
  CHECK(kept.error().code == Errc::kExists);
  EncodeOptions replace;
  replace.replace = true;
  const auto itself = encode_database(Job{posix_env(), 1}, p.db(), p.db(), replace);
  REQUIRE_FALSE(itself);
  CHECK(itself.error().code == Errc::kUsage);
  Buffer cut = test::read_file(p.db());
  cut.resize(5000);
  test::write_file(p.db(), cut);
  CHECK(p.encode().error().code == Errc::kCorrupt);
  test::write_file(p.db(),
                   as_bytes("this is no database, and it is longer than its header would be, "
                            "by a few bytes at least, one hopes"));
  CHECK(p.encode().error().code == Errc::kCorrupt);
}

}  // namespace litetool
