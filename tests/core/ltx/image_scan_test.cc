#include "core/ltx/image_scan.h"

#include <catch2/catch.hpp>
#include <mutex>

#include "tests/support/ltx_images.h"

namespace litetool {
namespace {

using test::Pages;

Job job_with(unsigned threads) {
  return Job{posix_env(), threads};
}

class Collector : public PageConsumer {
 public:
  Status pages(std::span<const ltx::Frame> frames, Bytes pages) override {
    const std::lock_guard lock(mutex_);
    const std::size_t page_size = pages.size() / frames.size();
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const Bytes page = pages.subspan(i * page_size, page_size);
      all[frames[i].pgno] = Buffer(page.begin(), page.end());
    }
    return {};
  }
  Pages all;

 private:
  std::mutex mutex_;
};

Pages many_pages(std::uint32_t page_size, Pgno count) {
  Pages pages;
  for (Pgno i = 1; i <= count; ++i) pages[i] = test::mixed_page(page_size, i);
  return pages;
}

Result<ImageReport> scan(const Buffer& file, unsigned threads = 1,
                         ScanDepth depth = ScanDepth::kContent, PageConsumer* consumer = nullptr) {
  ScanOptions options;
  options.depth = depth;
  options.consumer = consumer;
  return scan_image(job_with(threads), MemorySource(file), options);
}

// Of an incremental image with these pages and a commit of 10.
std::uint64_t tail_run_of(std::initializer_list<Pgno> pgnos) {
  Pages pages;
  for (const Pgno p : pgnos) pages[p] = test::filled_page(512, p);
  const auto header = test::ltx_header(ltx::Variant::kV3Block, 512, 10, 2, 2, kEmptyDatabase);
  return scan(test::make_ltx(header, pages, kEmptyDatabase))->tail_run;
}

}  // namespace

TEST_CASE("image scan: every variant yields its pages, with any number of threads") {
  for (const ltx::Variant variant : ltx::kWritableVariants) {
    for (const auto& [page_size, count] : {std::pair{512u, 3000u}, {4096u, 700u}, {65536u, 20u}}) {
      const Pages pages = many_pages(page_size, count);
      const Buffer file = test::make_ltx(test::ltx_header(variant, page_size, count, 1, 1), pages);
      for (const unsigned threads : {1u, 3u}) {
        INFO(ltx::variant_name(variant) << " " << page_size << " " << threads);
        Collector collector;
        const auto report = scan(file, threads, ScanDepth::kContent, &collector);
        REQUIRE(report);
        CHECK(report->tail.page_count == pages.size());
        CHECK(report->size() == file.size());
        CHECK((collector.all == pages));
      }
    }
  }
}

TEST_CASE("image scan: a flipped payload bit is seen by content, at its offset, by any thread") {
  const Pages pages = many_pages(4096, 600);
  Buffer file = test::make_ltx(test::ltx_header(ltx::Variant::kV1Raw, 4096, 600, 1, 1), pages);
  file[file.size() / 2] ^= std::byte{4};
  for (const unsigned threads : {1u, 3u}) {
    const auto report = scan(file, threads);
    REQUIRE_FALSE(report);
    CHECK(report.error().code == Errc::kCorrupt);
    CHECK(report.error().offset == file.size() - 8);
    CHECK(scan(file, threads, ScanDepth::kStructure));
  }
}

TEST_CASE("image scan: bytes behind a file are corrupt, behind an image they are another's") {
  Buffer file = test::golden_file("ltx/v0.5.2-snap.ltx");
  const std::uint64_t size = file.size();
  file.push_back(std::byte{1});
  const auto whole = scan(file);
  REQUIRE_FALSE(whole);
  CHECK(whole.error().offset == size);
  ScanOptions options;
  options.extent = ltx::Extent::kImage;
  CHECK(scan_image(job_with(1), MemorySource(file), options));
}

TEST_CASE("image scan: an image behind an offset reports offsets of the source") {
  const Buffer image = test::golden_file("ltx/v0.5.2-snap.ltx");
  Buffer file(1000);
  file.insert(file.end(), image.begin(), image.end());
  ScanOptions options;
  options.offset = 1000;
  const auto good = scan_image(job_with(1), MemorySource(file), options);
  REQUIRE(good);
  CHECK(good->tail.end == 1000 + image.size());
  CHECK(good->size() == image.size());
  file[1000 + 115] ^= std::byte{0xff};  // inside the first LZ4 block
  const auto bad = scan_image(job_with(1), MemorySource(file), options);
  REQUIRE_FALSE(bad);
  CHECK(*bad.error().offset >= 1000);
}

TEST_CASE("image scan: the pages up to the end are known as a run") {
  CHECK(tail_run_of({}) == 11);
  CHECK(tail_run_of({3, 9}) == 11);
  CHECK(tail_run_of({3, 10}) == 10);
  CHECK(tail_run_of({3, 8, 9, 10}) == 8);
  CHECK(tail_run_of({1, 2, 3, 4, 5, 6, 7, 8, 9, 10}) == 1);
}

TEST_CASE("image scan: an error of the consumer ends the scan") {
  class Refuser : public PageConsumer {
    Status pages(std::span<const ltx::Frame>, Bytes) override {
      return Error(Errc::kDiskFull, "no room");
    }
  };
  Refuser refuser;
  const auto report =
      scan(test::golden_file("ltx/v0.5.2-snap.ltx"), 2, ScanDepth::kContent, &refuser);
  REQUIRE_FALSE(report);
  CHECK(report.error().code == Errc::kDiskFull);
}

TEST_CASE("image scan: a stopped job ends as interrupted") {
  const std::atomic<bool> stop = true;
  Job job = job_with(2);
  job.stop = &stop;
  const Buffer file = test::golden_file("ltx/v0.5.2-snap.ltx");
  const auto report = scan_image(job, MemorySource(file), {});
  REQUIRE_FALSE(report);
  CHECK(report.error().code == Errc::kInterrupted);
}

}  // namespace litetool
