// The history of a database in one segment: what readers find of it from both ends, every state
// that can be had, and what a mount makes of it that goes on with it. The first byte: 1, the
// machine went down meanwhile.
#include "core/history/file_images.h"
#include "core/history/history.h"
#include "core/history/history_reader.h"
#include "core/history/prepared_image.h"
#include "core/history/replay.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/memory_env.h"

namespace litetool {
namespace {

using test::MemoryEnv;

const std::string kFolder = "h";
const std::string kSegment = "h/0000000000000001.ltxs";
// An image may say that the database has as many pages as there can be.
constexpr Pgno kMostPages = 1 << 16;
constexpr std::size_t kMostStates = 8;

void read_backward(MemoryEnv& env, const HistoryReader& reader) {
  auto images = FileImages::open(env, kCwd, kSegment);
  require(images.ok(), "what can be read from its start can be from its end");
  for (auto image = reader.images().rbegin(); image != reader.images().rend(); ++image) {
    const auto found = images->next();
    require(found.ok() && found->has_value(), "there are as many images");
    require((*found)->offset == image->offset && (*found)->size == image->size, "the same ones");
  }
  const auto none = images->next();
  require(none.ok() && !none->has_value(), "and no more");
}

void read(MemoryEnv& env) {
  const auto reader = HistoryReader::open(env, kCwd, kFolder);
  if (!reader) return;
  read_backward(env, *reader);
  std::size_t states = 0;
  for (const HistoryImage& image : reader->images()) {
    if (image.commit > kMostPages || ++states > kMostStates) continue;
    const auto chain = reader->chain_to(image.max_txid);
    if (!chain) continue;
    Pgno pages = 0;
    const Status done = replay(*reader, *chain, [&](Pgno pgno, Bytes page, Checksum) -> Status {
      require(pgno >= 1 && pgno <= chain->back().commit, "a page is in the database");
      require(page.size() == chain->back().page_size, "a page is whole");
      ++pages;
      return {};
    });
    const Pgno lock = lock_page(chain->back().page_size);
    const Pgno all = chain->back().commit - (lock <= chain->back().commit ? 1 : 0);
    require(!done || pages == all, "a state has all its pages");
  }
}

void go_on(MemoryEnv& env, bool machine_restarted) {
  const MemorySource segment(*env.find(kSegment));
  const auto good = ltx::find_segment_end(segment);
  const std::uint64_t size = segment.size();
  History::Before before;
  before.machine_restarted = machine_restarted;
  const auto history = History::open(
      env, kCwd, kFolder, 7, [](const std::string&) {}, before);
  std::uint64_t kept = 0;
  for (const auto& [path, bytes] : env.files) {
    if (!path.ends_with(".note")) kept += bytes->size();
  }
  require(kept >= size, "what is cut off is kept");
  if (!history) return;
  const std::uint64_t left = env.find(kSegment)->size();
  require(left >= good->end, "no good image is cut off");
  require(!history->prepared() || left > good->end, "a prepared image stands behind the others");
}

void run(Bytes input) {
  if (input.empty()) return;
  MemoryEnv env;
  env.put(kSegment, input.subspan(1));
  const MemorySource segment(*env.find(kSegment));
  require(find_prepared_image(segment, segment.size()).ok(), "memory does not fail");
  for (const FoundFile found :
       {FoundFile::kUnknown, FoundFile::kAsLeft, FoundFile::kAfterPowerCut}) {
    (void)find_last_image(env, kCwd, kSegment, found);
  }
  read(env);
  go_on(env, (input[0] & std::byte{1}) != std::byte{0});
}

}  // namespace
}  // namespace litetool

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  litetool::run(litetool::fuzz_bytes(data, size));
  return 0;
}
