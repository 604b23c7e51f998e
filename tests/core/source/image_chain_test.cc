// The way back from a moment: the same images as of a list of all, and no more reading than it
// takes.
#include "core/source/image_chain.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "core/history/history_reader.h"
#include "core/source/newest_pages.h"
#include "tests/support/hooked_env.h"
#include "tests/support/ltx_images.h"
#include "tests/support/random_history.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

constexpr std::uint32_t kPageSize = 512;

std::string text_of(const std::vector<ImageRef>& images) {
  std::string text;
  for (const ImageRef& image : images) {
    text += image.name() + " " + image.header.min_txid.text() + "-" + image.header.max_txid.text() +
            " " + image.trailer.post_apply.text() + "\n";
  }
  return text;
}

// From a list of all images.
std::string listed(const HistoryReader& reader, Txid txid) {
  const auto chain = reader.chain_to(txid);
  if (!chain) return chain.error().text();
  std::vector<ImageRef> images;
  for (const HistoryImage& image : *chain) {
    images.push_back(image_ref(reader.files()[image.file], image));
  }
  return text_of(images);
}

std::string walked(const Job& job, const std::string& folder, Txid txid) {
  const auto chain = chain_in_folder(job, folder, txid);
  if (!chain) return chain.error().text();
  const auto images = list_chain(**chain);
  CHECK(check_chain(**chain).ok() == images.ok());
  if (!images) return images.error().text();
  CHECK(text_of({images->back()}) == text_of({(*chain)->last()}));
  return text_of(*images);
}

void compare_all(const Job& job, const std::string& folder, Txid last) {
  const auto reader = HistoryReader::open(job.env, kCwd, folder);
  if (!reader) FAIL(reader.error().text());
  for (std::uint64_t txid = 1; txid <= last.value + 1; ++txid) {
    INFO("transaction " << txid);
    CHECK(walked(job, folder, Txid{txid}) == listed(*reader, Txid{txid}));
  }
}

// A segment of a database of four pages, of which each transaction writes the first two.
struct LongHistory {
  static constexpr std::uint64_t kImages = 500;
  TempDir dir;
  HookedEnv env;
  Job job{env};
  std::uint64_t reads = 0;

  explicit LongHistory(std::uint64_t all_written_at) {
    LtxChain chain(kPageSize);
    Buffer bytes;
    for (std::uint64_t txid = 1; txid <= kImages; ++txid) {
      Pages pages;
      const Pgno last = txid == 1 || txid == all_written_at ? 4 : 2;
      for (Pgno pgno = 1; pgno <= last; ++pgno) pages[pgno] = mixed_page(kPageSize, txid + pgno);
      const Buffer image = chain.commit(pages, 4);
      bytes.insert(bytes.end(), image.begin(), image.end());
    }
    write_file(dir.file(segment_name(Txid{1})), bytes);
    env.on_read = [this](const std::string&, std::size_t) { ++reads; };
  }

  NewestPages read(Txid txid) {
    reads = 0;
    const auto chain = chain_in_folder(job, dir.path(), txid);
    REQUIRE(chain);
    const auto pages = read_newest_pages(job, **chain, [](Pgno, Bytes) { return Status(); });
    if (!pages) FAIL(pages.error().text());
    CHECK(pages->checksum == (*chain)->last().trailer.post_apply);
    return *pages;
  }
};

}  // namespace

TEST_CASE("image chain: whatever the files, that of a list of all images") {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    INFO("seed " << seed);
    const RandomHistory history(seed);
    compare_all(Job{posix_env()}, history.path(), history.last());
  }
}

TEST_CASE("image chain: with one file less it breaks where the list of all images breaks") {
  for (unsigned seed = 1; seed <= 40; ++seed) {
    const RandomHistory history(seed);
    const auto names = history_files(posix_env(), kCwd, history.path());
    REQUIRE(names);
    const std::string path = history.path() + "/" + (*names)[seed % names->size()];
    INFO("seed " << seed << " without " << path);
    std::filesystem::remove(path);
    compare_all(Job{posix_env()}, history.path(), history.last());
  }
}

TEST_CASE("image chain: the images behind a state") {
  const Job job{posix_env()};
  const LongHistory history(0);
  const auto chain = chain_in_folder(job, history.dir.path(), Txid{10});
  REQUIRE(chain);
  const auto since = list_chain(**chain, Txid{7});
  REQUIRE(since);
  REQUIRE(since->size() == 3);
  CHECK(since->front().header.max_txid == Txid{8});
  CHECK(since->back().header.max_txid == Txid{10});
  CHECK(list_chain(**chain, Txid{10})->empty());
}

TEST_CASE("image chain: nothing is read that no page is needed of") {
  LongHistory history(480);
  CHECK(history.read(Txid{490}).images == 11);
  const std::uint64_t few = history.reads;
  CHECK(history.read(Txid{479}).images == 479);
  CHECK(history.reads > 10 * few);
}

}  // namespace litetool::test
