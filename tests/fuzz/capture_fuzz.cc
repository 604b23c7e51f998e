// The capture of a database whose clients do anything: files with right checksums and impossible
// contents, removed, cut and written in any order, under a daemon that is killed and comes back.
//
// Whatever they do, the history can be read, every transaction of it can be restored, and once the
// database can be captured the history ends at exactly the database.
#include "core/capture/scan_capture.h"
#include "core/history/history_reader.h"
#include "core/history/replay.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/hostile_clients.h"

namespace litetool {
namespace {

constexpr Pgno kMostPages = 100;
constexpr int kMostSteps = 200;

// Every transaction adds up to what it promises.
void check_history(Env& env, const std::string& folder, Pos end) {
  const auto reader = HistoryReader::open(env, kCwd, folder);
  if (!reader) {
    require(end.txid.value == 0, "a history can be read");
    return;
  }
  for (const HistoryImage& image : reader->images()) {
    const auto chain = reader->chain_to(image.max_txid);
    require(chain.ok(), "images lead to each transaction");
    if (image.commit == 0) continue;
    const Status whole = replay(*reader, *chain, [](Pgno, Bytes, Checksum) { return Status(); });
    require(whole.ok(), "each transaction can be had");
  }
  const bool is_empty = reader->images().empty();
  require((is_empty ? Txid{} : reader->images().back().max_txid) == end.txid, "and is the last");
}

void check_end(Env& env, Pos end) {
  const auto view = CommittedView::open(env, kCwd, HostileClients::kName);
  if (!view) return;
  require(view->commit() <= kMostPages, "what is too large is not captured");
  const auto sums = checksums_of(Job{env, 1}, *view);
  require(sums.ok(), "memory does not fail");
  require(sums->database() == end.checksum, "the history ends at the database");
}

void run(Bytes input) {
  ClockedEnv env;
  CaptureContext context{env, kCwd, HistoryRoot{kCwd}, 1, [](const std::string& warning) {
                           require(warning.find("damaged") == std::string::npos,
                                   "clients cannot damage a history");
                         }};
  context.most_pages = kMostPages;
  HostileClients clients(env, context);
  Script script(input);
  for (int step = 0; step < kMostSteps && !script.is_over(); ++step) clients.act(script);
  clients.kill();
  Database& database = clients.database();
  const bool is_captured = database.status().state == CaptureState::kReady;
  check_history(env, context.history.folder_of(HostileClients::kName), database.position());
  if (is_captured && database.position().txid.value != 0) check_end(env, database.position());
}

}  // namespace
}  // namespace litetool

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  litetool::run(litetool::fuzz_bytes(data, size));
  return 0;
}
