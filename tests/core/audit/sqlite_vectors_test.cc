// Published checksums of databases that the real SQLite makes: what other programs of the LTX
// family print for the same statements. The library's version is part of page 1, so it is set to
// the one the values were made with.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "formats/base/crc64.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

constexpr std::uint32_t kSqlite3390200 = 3039002;
constexpr std::uint32_t kSqlite3400100 = 3040001;

struct Vector {
  std::uint32_t sqlite_version;
  std::vector<std::string> statements;  // in one connection
  std::string checksum;
};

Buffer database_made_by(const Vector& v) {
  const test::TempDir dir;
  {
    test::SqliteSession session(dir.file("v.db"));
    for (const std::string& sql : v.statements) session.exec(sql);
  }
  Buffer bytes = test::read_file(dir.file("v.db"));
  constexpr std::size_t kVersionOffset = 96;
  store_be(bytes.data() + kVersionOffset, v.sqlite_version);
  return bytes;
}

std::string checksum_of(const Buffer& bytes) {
  Checksum sum = kEmptyDatabase;
  constexpr std::size_t kPageSize = 4096;
  REQUIRE(bytes.size() % kPageSize == 0);
  for (std::size_t at = 0; at < bytes.size(); at += kPageSize) {
    const auto pgno = static_cast<Pgno>(at / kPageSize + 1);
    sum = checksum_xor(sum, page_checksum(pgno, Bytes(bytes).subspan(at, kPageSize)));
  }
  return sum.text();
}

// Four bytes of page 2 overwritten behind SQLite's back.
void damage(Buffer& bytes) {
  constexpr std::size_t kDamagedAt = 4096 + 200;
  std::fill_n(bytes.begin() + kDamagedAt, 4, std::byte{0xff});
}

}  // namespace

TEST_CASE("database checksum: what the real SQLite makes, as published") {
  const std::string wal = "PRAGMA journal_mode=wal";
  const std::vector<Vector> vectors = {
      {kSqlite3400100, {"CREATE TABLE t(x)"}, "f6e9e3d7c3dbb858"},
      {kSqlite3400100, {"CREATE TABLE t(x)", "INSERT INTO t VALUES(100)"}, "b7bcca91d725233f"},
      {kSqlite3400100, {wal}, "ce1969f21a78f3f9"},
      {kSqlite3400100, {wal, "CREATE TABLE t(x)"}, "9576131553c632a5"},
      {kSqlite3400100, {wal, "CREATE TABLE t(x)", "INSERT INTO t VALUES(100)"}, "f02e81fe2bdb945d"},
      {kSqlite3390200, {"CREATE TABLE t (x)"}, "f630f5ae3060002c"},
      {kSqlite3390200, {"CREATE TABLE t (x)", "INSERT INTO t VALUES (100)"}, "b765dce8249e9b4b"},
      {kSqlite3390200, {wal, "CREATE TABLE t (x)"}, "95af056ca07d8ad1"},
      {kSqlite3390200,
       {wal, "CREATE TABLE t (x)", "INSERT INTO t VALUES (100)"},
       "f0f79787d8602c29"},
  };
  for (const Vector& v : vectors) {
    INFO(v.checksum);
    CHECK(checksum_of(database_made_by(v)) == v.checksum);
  }
}

TEST_CASE("database checksum: bytes changed behind SQLite's back, as published") {
  const std::vector<std::string> made = {"CREATE TABLE t (x)", "INSERT INTO t VALUES (100)",
                                         "PRAGMA user_version = 1234"};
  std::vector<std::string> made_in_wal = made;
  made_in_wal.insert(made_in_wal.begin(), "PRAGMA journal_mode=wal");

  Buffer rollback = database_made_by({kSqlite3390200, made, ""});
  CHECK(checksum_of(rollback) == "ce5a5d55e91b3cd1");
  damage(rollback);
  CHECK(checksum_of(rollback) == "9d81a60d39fb4760");

  Buffer wal = database_made_by({kSqlite3390200, made_in_wal, ""});
  CHECK(checksum_of(wal) == "fa337f5ece449f39");
  damage(wal);
  CHECK(checksum_of(wal) == "a9e884061ea4e488");
}

}  // namespace litetool
