#include "core/audit/database_checksum.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <initializer_list>

#include "formats/base/crc64.h"
#include "tests/support/memory_file.h"

namespace litetool {
namespace {

// Pages filled with one byte each.
Buffer pages_of(std::size_t page_size, std::initializer_list<int> fills) {
  Buffer out;
  for (const int fill : fills) out.insert(out.end(), page_size, static_cast<std::byte>(fill));
  return out;
}

Result<DatabaseChecksum> sum_of(Buffer bytes, std::uint32_t page_size, unsigned threads = 1,
                                bool digest = false, PageSumSink* sink = nullptr) {
  const MemoryFile file(std::move(bytes));
  const Job job{posix_env(), threads};
  return database_checksum(job, file, {page_size, digest}, sink);
}

// Zeros, as many as you like.
class ZeroFile : public MemoryFile {
 public:
  explicit ZeroFile(std::uint64_t size) : MemoryFile({}), size_(size) {}
  Result<std::size_t> read_at(MutableBytes out, std::uint64_t) const override {
    std::ranges::fill(out, std::byte{0});
    return out.size();
  }
  std::uint64_t size() const override { return size_; }

 private:
  std::uint64_t size_;
};

class Collector : public PageSumSink {
 public:
  Status pages(std::span<const PageSum> sums) override {
    all.insert(all.end(), sums.begin(), sums.end());
    return {};
  }
  std::vector<PageSum> all;
};

}  // namespace

TEST_CASE("database checksum: reference values of 512-byte pages") {
  CHECK(sum_of(pages_of(512, {1, 2}), 512)->checksum.text() == "ad2dffe333333333");
  CHECK(sum_of(pages_of(512, {1, 3}), 512)->checksum.text() == "a678a10ddddddddd");
  CHECK(sum_of(pages_of(512, {1, 2, 3}), 512)->checksum.text() == "efffffffecd99000");
  CHECK(sum_of(pages_of(1024, {0x81, 0x82, 0x83}), 1024)->checksum.text() == "8a249272ad9f7dea");
}

TEST_CASE("database checksum: an empty file has the checksum of a dropped database") {
  const auto sum = sum_of({}, 0, 1, true);
  REQUIRE(sum);
  CHECK(sum->checksum.text() == "8000000000000000");
  CHECK(sum->page_count == 0);
  CHECK_FALSE(sum->with_lock_page);
  REQUIRE(sum->digest);
  CHECK(*sum->digest == blake2b({}));
}

TEST_CASE("database checksum: threads change neither sum, digest nor page map") {
  Buffer bytes;
  for (int i = 0; i < 3000; ++i) bytes.insert(bytes.end(), 1024, static_cast<std::byte>(i * 7));
  Collector one;
  Collector four;
  const auto serial = sum_of(bytes, 1024, 1, true, &one);
  const auto parallel = sum_of(bytes, 1024, 4, true, &four);
  REQUIRE(serial);
  REQUIRE(parallel);
  CHECK(serial->checksum == parallel->checksum);
  CHECK(*serial->digest == blake2b(bytes));
  CHECK(*parallel->digest == blake2b(bytes));
  REQUIRE(four.all.size() == 3000);
  Checksum total = kEmptyDatabase;
  for (std::size_t i = 0; i < four.all.size(); ++i) {
    REQUIRE(four.all[i].pgno == i + 1);
    REQUIRE(four.all[i].checksum == one.all[i].checksum);
    total = checksum_xor(total, four.all[i].checksum);
  }
  CHECK(total == serial->checksum);
}

TEST_CASE("database checksum: a digest tells swapped pages apart, the checksum does not") {
  const Buffer a = pages_of(512, {9, 1, 2});
  const Buffer b = pages_of(512, {9, 1, 2});
  Buffer c = pages_of(512, {9, 1, 2});
  c[600] ^= std::byte{0x5a};
  c[1112] ^= std::byte{0x5a};
  CHECK(sum_of(a, 512)->checksum == sum_of(c, 512)->checksum);
  CHECK(*sum_of(a, 512, 1, true)->digest == *sum_of(b, 512, 1, true)->digest);
  CHECK(*sum_of(a, 512, 1, true)->digest != *sum_of(c, 512, 1, true)->digest);
}

TEST_CASE("database checksum: a cut page is corrupt, and said where") {
  Buffer bytes = pages_of(512, {1, 2});
  bytes.pop_back();
  const auto sum = sum_of(bytes, 512);
  REQUIRE_FALSE(sum);
  CHECK(sum.error().code == Errc::kCorrupt);
  CHECK(sum.error().offset == 512u);
}

TEST_CASE("database checksum: without a database header a page size is asked for") {
  const auto sum = sum_of(pages_of(512, {1, 2}), 0);
  REQUIRE_FALSE(sum);
  CHECK(sum.error().code == Errc::kCorrupt);
  CHECK(sum.error().message.find("--page-size") != std::string::npos);
}

TEST_CASE("database checksum: the lock page is left out, and what older tools say is named") {
  const Pgno lock = lock_page(65536);
  const ZeroFile file(std::uint64_t{65536} * (lock + 1));
  Collector map;
  const Job job{posix_env(), 2};
  const auto sum = database_checksum(job, file, {65536, false}, &map);
  REQUIRE(sum);
  CHECK(map.all.size() == lock);
  const Buffer zeros(65536);
  Checksum expected = kEmptyDatabase;
  for (Pgno pgno = 1; pgno <= lock + 1; ++pgno) {
    if (pgno != lock) expected = checksum_xor(expected, page_checksum(pgno, zeros));
  }
  CHECK(sum->checksum == expected);
  REQUIRE(sum->with_lock_page);
  CHECK(*sum->with_lock_page == checksum_xor(expected, page_checksum(lock, zeros)));
}

}  // namespace litetool
