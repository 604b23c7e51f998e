// Redo logs at start: of bad ones nothing is believed, and a good one makes the segment whole
// however often that is interrupted.
#include "core/history/redo.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <functional>
#include <random>

#include "core/history/history.h"
#include "core/history/history_reader.h"
#include "core/history/redo_log.h"
#include "formats/base/crc64.h"
#include "tests/support/fault_env.h"
#include "tests/support/memory_env.h"
#include "tests/support/memory_file.h"
#include "tests/support/temp_dir.h"
#include "tests/support/unsynced_env.h"

namespace litetool::test {
namespace {

constexpr std::uint32_t kPageSize = 512;
const std::string kSegment = "0000000000000001.ltxs";

Buffer page_of(unsigned fill) {
  Buffer page(kPageSize);
  std::mt19937 random(fill);
  for (std::byte& b : page) b = static_cast<std::byte>(random());
  return page;
}

// A transaction of a database of one page: what it has afterwards.
Result<Checksum> add_state(ltx::Encoder& encoder, unsigned fill) {
  LT_TRY(encoder.add_page(1, page_of(fill)));
  return checksum_xor(kEmptyDatabase, page_checksum(1, page_of(fill)));
}

ltx::Header header_of_one_page() {
  ltx::Header header;
  header.page_size = kPageSize;
  header.commit = 1;
  return header;
}

// What a power cut leaves of a history whose last transactions are in its redo log, and what the
// segment was before.
struct Left {
  Buffer segment;
  Buffer log;
  Buffer whole;
};

constexpr unsigned kCommits = 9;

Left left_by_power_cut() {
  const TempDir temp;
  const TempDir attic;
  UnsyncedEnv env(posix_env(), attic.path());
  const std::string folder = temp.file("h");
  write_file(temp.file("app.db"), page_of(0));
  const auto database = env.open(kCwd, temp.file("app.db"), OpenMode::kReadWrite, 0600);
  auto history = History::open(env, kCwd, folder, 7, [](const std::string&) {}, {});
  REQUIRE((database && history));
  const auto base = [](ltx::Encoder& encoder) { return add_state(encoder, 0); };
  REQUIRE(history->append(header_of_one_page(), true, base));
  REQUIRE(history->sync());
  Left left;
  for (unsigned n = 1; n <= kCommits; ++n) {
    const auto pages = [n](ltx::Encoder& encoder) { return add_state(encoder, n); };
    REQUIRE(history->prepare(header_of_one_page(), false, pages));
    REQUIRE(history->sync_with(**database));
    REQUIRE((*database)->sync());
    left.whole = read_file(folder + "/" + kSegment);
    if (n < kCommits) REQUIRE(history->confirm());
  }
  env.cut(Lost::kAll);
  left.segment = read_file(folder + "/" + kSegment);
  left.log = read_file(redo_path(folder));
  REQUIRE(left.segment.size() < left.whole.size());
  return left;
}

const Left& left() {
  static const Left left = left_by_power_cut();
  return left;
}

// A record that adds what the segment lacks, and what is wrong with it.
RedoRecord good_record() {
  RedoRecord record;
  record.generation = 17;
  record.boot_id = "the run before";
  record.segment = kSegment;
  record.part = {left().segment.size(), left().whole.size(), {}};
  for (std::size_t i = 0; i < record.part.from; ++i) {  // a commit is one byte in place
    if (left().segment[i] != left().whole[i]) record.part.replaced.push_back({i, left().whole[i]});
  }
  REQUIRE(record.part.replaced.size() == 1);
  return record;
}

Buffer log_of(const std::vector<RedoRecord>& records) {
  Buffer log;
  for (const RedoRecord& record : records) {
    Buffer bytes(redo_record_size(record.part));
    // Whatever it appends, and however much.
    MemoryFile segment([&] {
      Buffer all = left().whole;
      all.resize(std::max<std::size_t>(all.size(), record.part.size));
      return all;
    }());
    REQUIRE(write_redo_record(record, segment, bytes));
    log.insert(log.end(), bytes.begin(), bytes.end());
    log.resize((log.size() + kDirectBlock - 1) / kDirectBlock * kDirectBlock);
  }
  return log;
}

// The segment after a start that finds this log.
Buffer started_with(Bytes log, const std::string& segment = kSegment) {
  MemoryEnv env;
  env.put("h/" + segment, left().segment);
  env.put(redo_path("h"), log);
  REQUIRE(redo(env, kCwd, "h", true));
  CHECK(env.files.size() == 1);
  return *env.find("h/" + segment);
}

void store_checked(Buffer& record, std::size_t offset, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) {
    record[offset + i] = static_cast<std::byte>(value >> (8 * (size - 1 - i)));
  }
  store_be(record.data() + 8, crc64(0, Bytes(record).subspan(16)));
}

}  // namespace

TEST_CASE("redo record: with any byte changed, or cut anywhere, it is none", "[history]") {
  RedoRecord record = good_record();
  record.part.replaced = {{5, std::byte{1}}, {9, std::byte{2}}};
  Buffer bytes(redo_record_size(record.part));
  REQUIRE(write_redo_record(record, MemorySource(left().whole), bytes));
  const auto read = read_redo_record(bytes);
  REQUIRE(read);
  CHECK(read->record.segment == kSegment);
  CHECK(read->record.part.replaced.size() == 2);
  CHECK(read->appended.size() == left().whole.size() - left().segment.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    INFO("byte " << i);
    for (const unsigned bit : {0U, 7U}) {
      Buffer bad = bytes;
      bad[i] ^= static_cast<std::byte>(1U << bit);
      CHECK_FALSE(read_redo_record(bad));
    }
    CHECK_FALSE(read_redo_record(Bytes(bytes).first(i)));
  }
}

TEST_CASE("redo record: fields that do not add up are refused in spite of their checksum",
          "[history]") {
  RedoRecord record = good_record();
  record.part.replaced = {{5, std::byte{1}}};
  Buffer good(redo_record_size(record.part));
  REQUIRE(write_redo_record(record, MemorySource(left().whole), good));
  struct Field {
    const char* name;
    std::size_t offset;
    std::size_t size;
    std::vector<std::uint64_t> values;
  };
  const std::uint64_t from = record.part.from;
  const std::vector<Field> fields = {
      {"count of single bytes", 20, 4, {0, 2, 0x7fffffff, 0xffffffff}},
      {"cut", 40, 8, {0, from - 1, from + 1, UINT64_MAX, record.part.size + 1}},
      {"size", 48, 8, {0, from, record.part.size + 1, UINT64_MAX}},
      {"offset of a single byte", 152, 8, {from, UINT64_MAX}},
  };
  for (const Field& field : fields) {
    for (const std::uint64_t value : field.values) {
      INFO(field.name << " " << value);
      Buffer bad = good;
      store_checked(bad, field.offset, value, field.size);
      CHECK_FALSE(read_redo_record(bad));
    }
  }
  for (const std::uint64_t length : {0ULL, 15ULL, 151ULL, 0xffffffffULL}) {
    INFO("length " << length);
    Buffer bad = good;
    store_checked(bad, 16, length, 4);
    CHECK_FALSE(read_redo_record(bad));
  }
}

TEST_CASE("redo: a log makes the segment whole", "[history]") {
  CHECK((started_with(left().log) == left().whole));
  CHECK((started_with(log_of({good_record()})) == left().whole));
}

TEST_CASE("redo: what is not the log of this segment changes nothing", "[history]") {
  struct Foreign {
    const char* name;
    std::function<void(std::vector<RedoRecord>&)> change;
  };
  const std::vector<Foreign> kinds = {
      {"no record", [](auto& r) { r.clear(); }},
      {"it begins with the second record", [](auto& r) { r[0].number = 1; }},
      {"of a segment that is gone", [](auto& r) { r[0].segment = "0000000000000002.ltxs"; }},
      {"of a file that is no segment", [](auto& r) { r[0].segment = "tags"; }},
      {"of a file elsewhere", [](auto& r) { r[0].segment = "../0000000000000001.ltxs"; }},
      {"of no file", [](auto& r) { r[0].segment = ""; }},
      {"behind the end of the segment",
       [](auto& r) {
         r[0].part = {left().segment.size() + 1, left().whole.size() + 1, {}};
       }},
      {"it cuts off what is good",
       [](auto& r) {
         r[0].part = {3, 9, {}};
       }},
      {"it empties the segment",
       [](auto& r) {
         r[0].part = {0, 0, {}};
       }},
      {"it damages what is good",
       [](auto& r) {
         r[0].part.replaced = {{left().segment.size() - 1, std::byte{0}}, {200, std::byte{7}}};
       }},
      {"it appends what is no image",
       [](auto& r) {
         r[0].part = {left().segment.size(), left().segment.size() + 100, {}};
       }},
  };
  for (const Foreign& foreign : kinds) {
    INFO(foreign.name);
    std::vector<RedoRecord> records = {good_record()};
    foreign.change(records);
    CHECK((started_with(log_of(records)) == left().segment));
  }
  CHECK((started_with(Buffer(4096)) == left().segment));
  CHECK((started_with(as_bytes("litredo1")) == left().segment));
  CHECK((started_with(left().segment) == left().segment));
}

TEST_CASE("redo: records count up to the first that does not follow", "[history]") {
  struct Break {
    const char* name;
    std::function<void(RedoRecord&)> change;
  };
  const std::vector<Break> kinds = {
      {"another filling", [](RedoRecord& r) { r.generation = 18; }},
      {"a number is left out", [](RedoRecord& r) { r.number = 2; }},
      {"another run of the machine", [](RedoRecord& r) { r.boot_id = "another"; }},
      {"another segment", [](RedoRecord& r) { r.segment = "0000000000000002.ltxs"; }},
      {"a hole before it",
       [](RedoRecord& r) {
         r.part = {left().whole.size() + 5, left().whole.size() + 9, {}};
       }},
  };
  for (const Break& kind : kinds) {
    INFO(kind.name);
    RedoRecord second = good_record();
    second.number = 1;
    second.part = {left().whole.size(), left().whole.size(), {}};
    kind.change(second);
    CHECK((started_with(log_of({good_record(), second})) == left().whole));
  }
}

TEST_CASE("redo: of a log larger than any of ours only the beginning is read", "[history]") {
  const TempDir temp;
  const std::string folder = temp.file("h");
  std::filesystem::create_directory(folder);
  write_file(folder + "/" + kSegment, left().segment);
  write_file(redo_path(folder), left().log);
  std::filesystem::resize_file(redo_path(folder), std::uintmax_t{1} << 40);
  REQUIRE(redo(posix_env(), kCwd, folder, true));
  CHECK((read_file(folder + "/" + kSegment) == left().whole));
  CHECK_FALSE(std::filesystem::exists(redo_path(folder)));
}

TEST_CASE("redo: after any number of power cuts during it the segment is whole",
          "[history][crash]") {
  const Lost lost =
      GENERATE(Lost::kNothing, Lost::kData, Lost::kNames, Lost::kAll, Lost::kSomeData);
  bool done = false;
  for (std::uint64_t k = 1; !done; ++k) {
    INFO("effect " << k << ", lost " << static_cast<int>(lost));
    const TempDir temp(memory_directory());
    const std::string folder = temp.file("h");
    std::filesystem::create_directories(folder);
    std::filesystem::create_directories(temp.file("attic"));
    write_file(folder + "/" + kSegment, left().segment);
    write_file(redo_path(folder), left().log);
    // Each start gets one effect further than the one before it.
    for (std::uint64_t at = 1; at <= k; ++at) {
      UnsyncedEnv disk(posix_env(), temp.file("attic"));
      disk.boot = "cut " + std::to_string(at);
      disk.random.seed(static_cast<std::uint32_t>(at * 100 + k));
      FaultEnv dying(disk, at, FaultEnv::Fault::kDead);
      done = redo(dying, kCwd, folder, true).ok();
      disk.cut(lost);
      if (done) break;
    }
    REQUIRE(k < 50);
    REQUIRE(redo(posix_env(), kCwd, folder, true));
    CHECK((read_file(folder + "/" + kSegment) == left().whole));
    CHECK_FALSE(std::filesystem::exists(redo_path(folder)));
    const auto history =
        History::open(posix_env(), kCwd, folder, 7, [](const std::string&) {}, {{}, true});
    REQUIRE(history);
    CHECK(history->pos().txid == Txid{kCommits});
    REQUIRE(history->prepared());
    CHECK(history->prepared()->txid == Txid{kCommits + 1});
  }
}

TEST_CASE("redo: an effect that fails is an error, and the next start makes up for it",
          "[history]") {
  const auto fault = GENERATE(FaultEnv::Fault::kDiskFull, FaultEnv::Fault::kDiskStaysFull,
                              FaultEnv::Fault::kIoError);
  bool done = false;
  for (std::uint64_t k = 1; !done; ++k) {
    INFO("effect " << k);
    const TempDir temp(memory_directory());
    const std::string folder = temp.file("h");
    std::filesystem::create_directories(folder);
    write_file(folder + "/" + kSegment, left().segment);
    write_file(redo_path(folder), left().log);
    FaultEnv failing(posix_env(), k, fault);
    const Status first = redo(failing, kCwd, folder, true);
    done = failing.effects() < k;
    CHECK(first.ok() == done);
    // The log goes last, and only what is not in the segment depends on it.
    CHECK((std::filesystem::exists(redo_path(folder)) ||
           read_file(folder + "/" + kSegment) == left().whole));
    REQUIRE(redo(posix_env(), kCwd, folder, true));
    CHECK((read_file(folder + "/" + kSegment) == left().whole));
    CHECK_FALSE(std::filesystem::exists(redo_path(folder)));
  }
}

}  // namespace litetool::test
