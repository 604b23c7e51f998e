// The redo log of a history: whatever is in it, the segment has no transaction less afterwards, and
// a death half way takes nothing away of what comes out.
//
//    0  u8   flags: the machine was restarted, the checksums of the log are put right
//    1  u8   the effect at which redo() dies the first time
//    2  u16  length of the segment, big-endian; then the segment, then the log
#include <optional>

#include "core/history/prepared_image.h"
#include "core/history/redo.h"
#include "core/history/redo_log.h"
#include "formats/base/crc64.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/fault_env.h"
#include "tests/support/memory_env.h"

namespace litetool {
namespace {

using test::FaultEnv;
using test::MemoryEnv;

constexpr std::size_t kHead = 4;
const std::string kSegment = "h/0000000000000001.ltxs";

// As somebody could who wants to be believed.
void put_checksums_right(MutableBytes log) {
  constexpr std::size_t kChecksumAt = 8;
  constexpr std::size_t kChecked = 16;
  while (log.size() > kChecked + 4) {
    const std::size_t length = load_be<std::uint32_t>(log.data() + kChecked);
    if (length < kChecked || length > log.size()) return;
    store_be(log.data() + kChecksumAt, crc64(0, log.first(length).subspan(kChecked)));
    const std::size_t blocks = (length + kDirectBlock - 1) / kDirectBlock;
    log = log.subspan(std::min(log.size(), blocks * kDirectBlock));
  }
}

// What a history yields of its segment.
struct Yield {
  std::uint64_t end = 0;
  std::optional<std::uint64_t> prepared;  // the checksum of its file

  bool operator==(const Yield&) const = default;
};
Yield yield_of(const MemoryEnv& env) {
  const MemorySource segment(*env.find(kSegment));
  const auto end = ltx::find_segment_end(segment);
  const auto prepared = find_prepared_image(segment, segment.size());
  require(end.ok() && prepared.ok(), "memory does not fail");
  Yield yield{end->end, std::nullopt};
  if (*prepared && (*prepared)->offset == end->end) {
    yield.prepared = (*prepared)->trailer.file_checksum.value;
  }
  return yield;
}

MemoryEnv history_of(Bytes segment, Bytes log) {
  MemoryEnv env;
  env.boot = "0f39a1c2-7d1e-4a57-9a39-2b8f0e1d6c55";
  env.put(kSegment, segment);
  env.put(redo_path("h"), log);
  return env;
}

void run(Bytes input) {
  if (input.size() < kHead) return;
  const bool restarted = (input[0] & std::byte{1}) != std::byte{0};
  const auto dies_at = static_cast<std::uint64_t>(input[1]);
  const std::size_t size =
      std::min<std::size_t>(load_be<std::uint16_t>(input.data() + 2), input.size() - kHead);
  const Bytes segment = input.subspan(kHead, size);
  const Bytes given = input.subspan(kHead + size);
  Buffer log(given.begin(), given.end());
  if ((input[0] & std::byte{2}) != std::byte{0}) put_checksums_right(log);

  MemoryEnv env = history_of(segment, log);
  const Yield before = yield_of(env);
  require(redo(env, kCwd, "h", restarted).ok(), "a log is no error, whatever it is");
  const Yield after = yield_of(env);
  require(env.files.size() == 1, "the log is gone, and nothing has come");
  require(after.end >= before.end, "no transaction is lost");

  MemoryEnv twice = history_of(segment, log);
  FaultEnv dying(twice, 1 + dies_at, FaultEnv::Fault::kDead);
  (void)redo(dying, kCwd, "h", restarted);
  require(redo(twice, kCwd, "h", restarted).ok(), "the next start goes on");
  // One byte of the log may be all that a segment lacked which has more than the log.
  const Yield then = yield_of(twice);
  require(then == after || then.end > after.end, "a death half way takes nothing away");
}

}  // namespace
}  // namespace litetool

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  litetool::run(litetool::fuzz_bytes(data, size));
  return 0;
}
