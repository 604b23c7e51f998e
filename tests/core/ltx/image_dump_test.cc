#include "core/ltx/image_dump.h"

#include <catch2/catch.hpp>
#include <vector>

#include "core/ltx/page_owners.h"
#include "tests/support/ltx_images.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

class Record : public DumpSink {
 public:
  void header(const ltx::Header&, std::uint64_t) override { ++headers; }
  void raw_header(Bytes head, std::uint64_t) override { raw_bytes = head.size(); }
  void frame(const DumpedFrame& f) override {
    pgnos.push_back(f.frame.pgno);
    readable.push_back(!f.page.empty());
  }
  void index_entry(const ltx::IndexEntry&) override { ++index_entries; }
  void trailer(const ltx::Trailer& t) override { trailers.push_back(t); }
  void damage(const Error& e) override { damages.push_back(e); }

  int headers = 0;
  std::size_t raw_bytes = 0;
  std::vector<Pgno> pgnos;
  std::vector<bool> readable;
  int index_entries = 0;
  std::vector<ltx::Trailer> trailers;
  std::vector<Error> damages;
};

Record dump(Bytes file) {
  Record record;
  const Job job{posix_env()};
  REQUIRE(dump_image(job, MemorySource(file), 0, ltx::Extent::kWholeFile, record));
  return record;
}

const std::vector<std::string> kSnapshots = {"v0.1.0-snap",      "v0.2.0-snap",      "v0.2.2-snap",
                                             "v0.3.14-raw-snap", "v0.3.14-lz4-snap", "v0.4.0-snap",
                                             "v0.5.1-snap",      "v0.5.2-snap"};

}  // namespace

TEST_CASE("image dump: a sound file is told completely") {
  for (const std::string& name : kSnapshots) {
    INFO(name);
    const Record r = dump(test::golden_file("ltx/" + name + ".ltx"));
    CHECK(r.headers == 1);
    CHECK(r.pgnos == std::vector<Pgno>{1, 2});
    CHECK(r.trailers.size() == 1);
    CHECK(r.damages.empty());
  }
}

TEST_CASE("image dump: a page that cannot be decoded does not hide the next") {
  Buffer file = test::golden_file("ltx/v0.5.2-snap.ltx");
  file[112] = std::byte{0xff};
  const Record r = dump(file);
  CHECK(r.pgnos == std::vector<Pgno>{1, 2});
  CHECK(r.readable == std::vector<bool>{false, true});
  CHECK(r.index_entries == 2);
  REQUIRE(r.damages.size() == 1);
  CHECK(r.damages[0].offset == 100u);
}

TEST_CASE("image dump: behind a frame that cannot be followed the index leads on") {
  for (const char* name : {"ltx/v0.4.0-snap.ltx", "ltx/v0.5.1-snap.ltx", "ltx/v0.5.2-snap.ltx"}) {
    INFO(name);
    Buffer file = test::golden_file(name);
    file[101] = std::byte{0xff};  // the number of the first page
    const Record r = dump(file);
    CHECK(r.pgnos == std::vector<Pgno>{2});
    CHECK(r.index_entries == 2);
    REQUIRE(r.trailers.size() == 1);
    CHECK(r.trailers[0].post_apply.text() == "ad2dffe333333333");
    CHECK_FALSE(r.damages.empty());
  }
}

TEST_CASE("image dump: what is no header is shown as bytes") {
  Buffer file = test::golden_file("ltx/v0.5.2-snap.ltx");
  file[0] = std::byte{'X'};
  const Record r = dump(file);
  CHECK(r.headers == 0);
  CHECK(r.raw_bytes == 100);
  CHECK(r.damages.size() == 1);
}

TEST_CASE("image dump: every cut is told as damage, every flipped bit survived") {
  for (const std::string& name : kSnapshots) {
    INFO(name);
    const Buffer file = test::golden_file("ltx/" + name + ".ltx");
    for (std::size_t size = 0; size < file.size(); ++size) {
      const Record r = dump(Bytes(file).first(size));
      INFO(size);
      REQUIRE_FALSE(r.damages.empty());
    }
    Buffer flipped = file;
    for (std::size_t i = 0; i < file.size() * 8; ++i) {
      flipped[i / 8] ^= std::byte(1u << (i % 8));
      (void)dump(flipped);
      flipped[i / 8] ^= std::byte(1u << (i % 8));
    }
  }
}

TEST_CASE("image dump: pages of a snapshot are known by the tables they belong to") {
  const test::TempDir dir;
  const std::string db = dir.file("app.db");
  {
    test::SqliteSession sqlite(db);
    sqlite.exec("PRAGMA page_size=4096; CREATE TABLE users(x); CREATE INDEX ux ON users(x);");
  }
  const Buffer bytes = test::read_file(db);
  test::Pages pages;
  for (Pgno p = 1; p <= bytes.size() / 4096; ++p) {
    const auto at = bytes.begin() + std::ptrdiff_t{p - 1} * 4096;
    pages[p] = Buffer(at, at + 4096);
  }
  test::LtxChain chain(4096);
  const Buffer image = chain.commit(pages);
  const Job job{posix_env()};
  const auto map =
      owners_in_snapshot(job, MemorySource(image), 0, ltx::Extent::kWholeFile, dir.path());
  REQUIRE(map);
  REQUIRE(map->owner(2) != nullptr);
  CHECK(map->owner(2)->name == "users");
  REQUIRE(map->owner(3) != nullptr);
  CHECK(map->owner(3)->name == "ux");
}

}  // namespace litetool
