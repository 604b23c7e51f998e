// What commands that only look say of any file: its kind, its summary, and for LTX what the scan of
// all threads, the walk of the damaged and the summary have in common. The first byte says which
// name the file has.
#include "core/inspect/file_kind.h"
#include "core/inspect/summary.h"
#include "core/ltx/image_dump.h"
#include "core/ltx/image_scan.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/memory_env.h"

namespace litetool {
namespace {

using test::MemoryEnv;

constexpr const char* kNames[] = {"app.db",         "app.db-wal", "app.db-shm",
                                  "app.db-journal", "1.ltx",      "1.ltxs"};

class Counted : public DumpSink {
 public:
  std::uint64_t damages = 0;
  std::uint64_t pages = 0;
  void header(const ltx::Header&, std::uint64_t) override {}
  void raw_header(Bytes, std::uint64_t) override {}
  void frame(const DumpedFrame& frame) override { pages += frame.page.empty() ? 0 : 1; }
  void index_entry(const ltx::IndexEntry&) override {}
  void trailer(const ltx::Trailer&) override {}
  void damage(const Error& error) override {
    require(!error.message.empty(), "damage is told");
    ++damages;
  }
};

class Pages : public PageConsumer {
 public:
  std::uint64_t count = 0;
  Status pages(std::span<const ltx::Frame> frames, Bytes) override {
    count += frames.size();
    return {};
  }
};

void look_at_ltx(const Job& job, const ByteSource& file, ltx::Extent extent) {
  const auto summary = summarise_ltx(file, extent, job);
  const bool sound = summary && !summary->damage && !summary->images.empty();
  Counted dumped;
  require(dump_image(job, file, 0, extent, dumped).ok(), "a dump goes on wherever it can");
  Pages pages;
  const auto scanned = scan_image(job, file, {0, extent, ScanDepth::kContent, &pages});
  if (scanned) {
    require(dumped.damages == 0, "what is sound has no damage");
    require(dumped.pages == pages.count, "and each page is told");
    require(scan_image(job, file, {0, extent, ScanDepth::kStructure}).ok(),
            "nor has its structure");
    require(read_image_header(file, 0, extent).ok(), "nor its header");
  }
  if (extent == ltx::Extent::kWholeFile) {
    require(sound == scanned.ok(), "the summary is of the same mind");
  }
}

void run(Bytes input) {
  if (input.empty()) return;
  const std::string name = kNames[std::to_integer<std::size_t>(input[0]) % std::size(kNames)];
  const MemorySource file(input.subspan(1));
  MemoryEnv env;
  const Job job{env};
  const auto kind = detect_file_kind(file, name);
  require(kind.ok(), "memory does not fail");
  (void)file_kind_text(*kind);
  (void)summarise_database(file);
  (void)summarise_wal(file, job);
  (void)summarise_wal_index(file);
  for (const std::uint32_t page_size : {0U, 512U, 65536U}) {
    (void)summarise_journal(file, page_size, job);
  }
  look_at_ltx(job, file, ltx::Extent::kWholeFile);
  look_at_ltx(job, file, ltx::Extent::kImage);
}

}  // namespace
}  // namespace litetool

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  litetool::run(litetool::fuzz_bytes(data, size));
  return 0;
}
