#include "core/audit/verify.h"

#include <catch2/catch.hpp>
#include <filesystem>

#include "core/history/prepared_image.h"
#include "tests/support/ltx_images.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool {
namespace {

using test::golden_file;
using test::TempDir;
using test::write_file;

class Collector : public ProblemSink {
 public:
  void problem(const Problem& p) override { all.push_back(p); }
  std::vector<Problem> all;
};

struct Outcome {
  VerifySummary summary;
  std::vector<Problem> problems;
};

Outcome verify(const std::vector<std::string>& paths, VerifyOptions options = {},
               unsigned threads = 1) {
  Collector sink;
  const Job job{posix_env(), threads};
  const auto summary = verify_files(job, collect_files(posix_env(), paths), options, sink);
  REQUIRE(summary);
  return {*summary, sink.all};
}

void append(Buffer& out, const Buffer& more) {
  out.insert(out.end(), more.begin(), more.end());
}

test::Pages page(Pgno pgno, unsigned value) {
  return {{pgno, test::filled_page(512, value)}};
}

// Five transactions over one database of 512-byte pages.
std::vector<Buffer> five_images() {
  test::LtxChain chain(512);
  std::vector<Buffer> images;
  for (unsigned i = 1; i <= 5; ++i) images.push_back(chain.commit(page(i, i)));
  return images;
}

// TXIDs 1 to 5, one file each.
void write_files(const std::string& dir) {
  const auto images = five_images();
  for (std::size_t i = 0; i < images.size(); ++i) {
    write_file(dir + "/" + ltx::file_name({Txid{i + 1}, Txid{i + 1}}), images[i]);
  }
}

Buffer five_in_a_segment() {
  Buffer segment;
  for (const Buffer& image : five_images()) append(segment, image);
  return segment;
}

}  // namespace

TEST_CASE("verify: every golden file is well") {
  for (const unsigned threads : {1u, 3u}) {
    const Outcome o = verify({std::string(LITETOOL_GOLDEN_DIR) + "/ltx"}, {}, threads);
    for (const Problem& p : o.problems) UNSCOPED_INFO(p.file << ": " << p.text);
    CHECK(o.problems.empty());
    CHECK(o.summary.files_ok >= 27);
    CHECK(o.summary.files_bad == 0);
    CHECK_FALSE(o.summary.first_cause);
  }
}

TEST_CASE("verify: a folder of transactions and a segment of the same are whole") {
  const TempDir dir;
  std::filesystem::create_directories(dir.file("files"));
  std::filesystem::create_directories(dir.file("segment"));
  write_files(dir.file("files"));
  write_file(dir.file("segment/1.ltxs"), five_in_a_segment());
  const Outcome o = verify({dir.path()});
  CHECK(o.problems.empty());
  CHECK(o.summary.files_ok == 6);
  CHECK(o.summary.image_count == 10);
  CHECK(o.summary.chain_count == 2);
  CHECK(o.summary.newest_ms == 1'700'000'004'000);
}

TEST_CASE("verify: a missing transaction breaks the chain, and only at that level") {
  const TempDir dir;
  write_files(dir.path());
  std::filesystem::remove(dir.file(ltx::file_name({Txid{3}, Txid{3}})));
  const Outcome o = verify({dir.path()});
  REQUIRE(o.problems.size() == 1);
  CHECK(o.problems[0].file == dir.file(ltx::file_name({Txid{4}, Txid{4}})));
  CHECK(o.summary.first_cause == Errc::kBrokenChain);
  CHECK(o.summary.chains_bad == 1);
  CHECK(o.summary.files_bad == 0);
  VerifyOptions content;
  content.level = VerifyLevel::kContent;
  CHECK(verify({dir.path()}, content).problems.empty());
}

TEST_CASE("verify: a damaged file is named once, and leaves no gap of its own") {
  const TempDir dir;
  write_files(dir.path());
  const std::string name = dir.file(ltx::file_name({Txid{3}, Txid{3}}));
  Buffer file = test::read_file(name);
  file[file.size() - 1] ^= std::byte{1};
  write_file(name, file);
  const Outcome o = verify({dir.path()});
  REQUIRE(o.problems.size() == 1);
  CHECK(o.problems[0].file == name);
  CHECK(o.problems[0].offset == file.size() - 8);
  CHECK(o.problems[0].code == Errc::kCorrupt);
  CHECK(o.summary.files_ok == 4);
  CHECK(o.summary.files_bad == 1);
  CHECK(o.summary.chains_bad == 1);
  VerifyOptions structure;
  structure.level = VerifyLevel::kStructure;
  CHECK(verify({dir.path()}, structure).problems.empty());
}

TEST_CASE("verify: a damaged file of another name leaves no gap either") {
  const TempDir dir;
  auto images = five_images();
  images[2].back() ^= std::byte{1};
  for (std::size_t i = 0; i < images.size(); ++i) {
    write_file(dir.file(std::string(1, static_cast<char>('a' + i)) + ".ltx"), images[i]);
  }
  const Outcome o = verify({dir.path()});
  REQUIRE(o.problems.size() == 1);
  CHECK(o.problems[0].file == dir.file("c.ltx"));
}

TEST_CASE("verify: a name that is not the header's is a problem") {
  const TempDir dir;
  write_file(dir.file(ltx::file_name({Txid{1}, Txid{2}})), golden_file("ltx/v0.5.2-snap.ltx"));
  const Outcome o = verify({dir.path()});
  REQUIRE(o.problems.size() == 1);
  CHECK(o.problems[0].text.find("the name says") == 0);
  CHECK(o.summary.files_bad == 1);
}

TEST_CASE("verify: a segment whose name is not that of its first image is a problem") {
  const TempDir dir;
  const Buffer segment = five_in_a_segment();
  write_file(dir.file("0000000000000001.ltxs"), segment);
  CHECK(verify({dir.path()}).problems.empty());
  std::filesystem::rename(dir.file("0000000000000001.ltxs"), dir.file("0000000000000002.ltxs"));
  const Outcome o = verify({dir.path()});
  REQUIRE(o.problems.size() == 1);
  CHECK(o.problems[0].text.find("the name says") == 0);
  CHECK(o.summary.files_bad == 1);
}

TEST_CASE("verify: a torn segment is named with the end of its last complete image") {
  const TempDir dir;
  const Buffer whole = five_in_a_segment();
  const std::uint64_t last = whole.size() - five_images().back().size();
  for (std::size_t size = last + 1; size < whole.size(); ++size) {
    write_file(dir.file("1.ltxs"), Bytes(whole).first(size));
    const Outcome o = verify({dir.path()});
    REQUIRE(o.problems.size() == 1);
    REQUIRE(o.problems[0].offset == last);
    REQUIRE(o.problems[0].text.find("torn tail") == 0);
    REQUIRE(o.summary.image_count == 4);
    REQUIRE(o.summary.first_cause == Errc::kCorrupt);
  }
}

TEST_CASE("verify: a transaction at the end that is not committed yet is no damage") {
  const TempDir dir;
  Buffer segment = five_in_a_segment();
  std::byte& flag = segment[prepared_flag_offset(segment.size())];
  flag = prepared_byte(flag);
  write_file(dir.file("1.ltxs"), segment);
  const Outcome o = verify({dir.path()});
  CHECK(o.problems.empty());
  CHECK(o.summary.image_count == 4);
  segment[segment.size() - 1] ^= std::byte{1};
  write_file(dir.file("1.ltxs"), segment);
  CHECK(verify({dir.path()}).problems.size() == 1);
}

TEST_CASE("verify: images behind a damaged one in a segment are still looked at") {
  const TempDir dir;
  Buffer segment = five_in_a_segment();
  const std::uint64_t second_end = five_images()[0].size() + five_images()[1].size();
  segment[second_end - 1] ^= std::byte{1};  // file checksum of the second image
  segment[segment.size() - 1] ^= std::byte{1};
  write_file(dir.file("1.ltxs"), segment);
  const Outcome o = verify({dir.path()}, {}, 2);
  REQUIRE(o.problems.size() == 2);
  CHECK(o.problems[0].offset == second_end - 8);
  CHECK(o.problems[1].offset == segment.size() - 8);
}

TEST_CASE("verify: a segment that cannot be followed leaves no gap before the next one") {
  const TempDir dir;
  const auto images = five_images();
  Buffer first;
  for (std::size_t i = 0; i < 4; ++i) append(first, images[i]);
  first[images[0].size() + 101] ^= std::byte{0xff};  // page number of the second image
  write_file(dir.file("1.ltxs"), first);
  write_file(dir.file("2.ltxs"), images[4]);
  const Outcome o = verify({dir.path()});
  REQUIRE(o.problems.size() == 1);
  CHECK(o.problems[0].offset == images[0].size() + 100);
  CHECK(o.problems[0].text.find("cannot be read") != std::string::npos);
}

TEST_CASE("verify: growth without a new page is corrupt already at the level of content") {
  const TempDir dir;
  const auto snap = test::ltx_header(ltx::Variant::kV3Block, 512, 1, 1, 1);
  const test::Pages first = page(1, 1);
  write_file(dir.file("a.ltx"), test::make_ltx(snap, first));
  const auto next =
      test::ltx_header(ltx::Variant::kV3Block, 512, 3, 2, 2, test::database_checksum(first));
  write_file(dir.file("b.ltx"), test::make_ltx(next, page(3, 3), kEmptyDatabase));
  VerifyOptions content;
  content.level = VerifyLevel::kContent;
  const Outcome o = verify({dir.path()}, content);
  REQUIRE(o.problems.size() == 1);
  CHECK(o.problems[0].text.find("page 2 is missing") == 0);
  CHECK(o.summary.first_cause == Errc::kCorrupt);
}

TEST_CASE("verify: every truncation of every golden file is a problem, never a crash") {
  const TempDir dir;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(LITETOOL_GOLDEN_DIR) + "/ltx")) {
    if (entry.path().extension() != ".ltx") continue;
    const Buffer file = test::read_file(entry.path().string());
    const std::size_t step = file.size() > 600 ? 13 : 1;
    for (std::size_t size = 0; size < file.size(); size += step) {
      INFO(entry.path() << " cut to " << size);
      write_file(dir.file("cut.ltx"), Bytes(file).first(size));
      const Outcome o = verify({dir.path()});
      REQUIRE(o.problems.size() == 1);
      REQUIRE(o.problems[0].offset);
      REQUIRE(*o.problems[0].offset <= size);
    }
  }
}

TEST_CASE("verify: deep rebuilds what SQLite wrote, and says what it cannot") {
  const TempDir dir;
  const std::string db = dir.file("app.db");
  test::LtxChain chain(4096);
  Buffer segment;
  for (int i = 0; i < 3; ++i) {
    {
      test::SqliteSession sqlite(db);
      sqlite.exec("CREATE TABLE IF NOT EXISTS t(x); INSERT INTO t VALUES(randomblob(9000))");
    }
    const Buffer bytes = test::read_file(db);
    test::Pages pages;
    for (Pgno p = 1; p <= bytes.size() / 4096; ++p) {
      const auto at = bytes.begin() + std::ptrdiff_t{p - 1} * 4096;
      pages[p] = Buffer(at, at + 4096);
    }
    append(segment, chain.commit(pages));
  }
  std::filesystem::create_directories(dir.file("h"));
  write_file(dir.file("h/1.ltxs"), segment);
  VerifyOptions deep;
  deep.deep = true;
  deep.temp_dir = dir.path();
  const Outcome good = verify({dir.file("h")}, deep, 2);
  for (const Problem& p : good.problems) UNSCOPED_INFO(p.text);
  CHECK(good.problems.empty());
  CHECK(good.summary.rebuilt_count == 1);

  // Not a database, though every checksum is right.
  std::filesystem::create_directories(dir.file("n"));
  write_files(dir.file("n"));
  const Outcome bad = verify({dir.file("n")}, deep);
  REQUIRE(bad.problems.size() == 1);
  CHECK(bad.problems[0].text.find("integrity check") != std::string::npos);
  // Only what was there before is left in the temporary folder.
  for (const auto& entry : std::filesystem::directory_iterator(dir.path())) {
    CHECK(entry.path().filename().string().find("litetool-") == std::string::npos);
  }
}

}  // namespace litetool
