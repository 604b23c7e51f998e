// A folder of LTX files that a script writes, merges, damages and loses: every state that can be
// restored is one that the database was in, and page by page it is the same.
//
// Steps: a transaction, a snapshot, a merge of files; then a byte changed, a file cut, lost or
// copied under another name. While nothing was damaged, every transaction that files lead to is as
// it was.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "core/ltx/compact.h"
#include "core/past/past_database.h"
#include "core/past/past_states.h"
#include "core/restore/restore.h"
#include "core/source/ltx_files.h"
#include "formats/ltx/encoder.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/script.h"
#include "tests/support/memory_env.h"

namespace litetool {
namespace {

constexpr int kMostSteps = 60;
constexpr Pgno kMostPages = 64;
constexpr int kMostChanges = 3;  // of bytes: with eight a checksum can be forged
constexpr std::uint32_t kPageSize = 512;
const std::string kFolder = "f";

using Pages = std::map<Pgno, Buffer>;

Checksum checksum_of(const Pages& pages) {
  Checksum sum = kEmptyDatabase;
  for (const auto& [pgno, page] : pages) sum = checksum_xor(sum, page_checksum(pgno, page));
  return sum;
}

Buffer bytes_of(const Pages& pages) {
  Buffer all;
  for (const auto& [pgno, page] : pages) all.insert(all.end(), page.begin(), page.end());
  return all;
}

class Folder {
 public:
  std::map<std::string, std::shared_ptr<Buffer>>& files() { return env_.files; }
  test::MemoryEnv& env() { return env_; }
  const Job& job() const { return job_; }
  // What the database was after each transaction, the first one first.
  const std::vector<Buffer>& truth() const { return truth_; }
  bool is_damaged() const { return is_damaged_; }

  void act(Script& script) {
    const unsigned step = script.byte() % 8;
    if (step == 0) return commit(script);
    if (truth_.empty()) return;
    if (step == 1) return write(image(script, 1, now_, Checksum{}), 1, script);
    if (step == 2) return merge(script);
    if (step == 3) return commit(script);
    if (files().empty()) return;
    const auto file =
        std::next(files().begin(), static_cast<std::ptrdiff_t>(script.byte() % files().size()));
    Buffer& content = *file->second;
    is_damaged_ = true;
    if (step == 4) {
      if (content.empty() || ++changed_bytes_ > kMostChanges) return;
      content[script.number() % content.size()] ^= static_cast<std::byte>(script.byte());
    } else if (step == 5) {
      content.resize(script.number() % (content.size() + 1));
    } else if (step == 6) {
      files().erase(file);
    } else {
      const std::uint64_t first = script.byte();
      env_.put(kFolder + "/" + ltx::file_name({Txid{first}, Txid{script.byte()}}), content);
    }
  }

 private:
  void commit(Script& script) {
    const Checksum before = checksum_of(now_);
    const auto commit = static_cast<Pgno>(script.byte() % kMostPages + 1);
    Pages changed;
    const Pgno old = now_.empty() ? 0 : now_.rbegin()->first;
    for (Pgno pgno = old + 1; pgno <= commit; ++pgno) changed[pgno] = page(script);
    for (unsigned count = script.byte() % 4; count > 0; --count) {
      changed[static_cast<Pgno>(script.byte() % commit + 1)] = page(script);
    }
    for (const auto& [pgno, content] : changed) now_[pgno] = content;
    now_.erase(now_.upper_bound(commit), now_.end());
    truth_.push_back(bytes_of(now_));
    write(image(script, truth_.size(), changed, before), truth_.size(), script);
  }

  static Buffer page(Script& script) {
    return Buffer(kPageSize, static_cast<std::byte>(script.byte()));
  }

  Buffer image(Script& script, std::uint64_t first, const Pages& pages, Checksum before) {
    ltx::Header header;
    header.variant = ltx::kWritableVariants[script.byte() % ltx::kWritableVariants.size()];
    header.page_size = kPageSize;
    header.commit = now_.rbegin()->first;
    header.min_txid = Txid{first};
    header.max_txid = Txid{truth_.size()};
    header.timestamp_ms = static_cast<std::int64_t>(truth_.size()) * 1000;
    if (first != 1) header.pre_apply = before;
    MemorySink sink;
    auto encoder = ltx::Encoder::start(sink, header);
    require(encoder.ok(), "a header is good");
    for (const auto& [pgno, content] : pages) {
      require(encoder->add_page(pgno, content).ok(), "a page is good");
    }
    require(encoder->finish(checksum_of(now_)).ok(), "an image is good");
    return std::move(sink.buffer);
  }

  // In one of the folders of the history.
  void write(const Buffer& image, std::uint64_t first, Script& script) {
    const std::string name = ltx::file_name({Txid{first}, Txid{truth_.size()}});
    env_.put(kFolder + "/" + std::to_string(script.byte() % 3) + "/" + name, image);
  }

  void merge(Script& script) {
    const auto from = std::uint64_t{script.byte() % truth_.size()} + 1;
    const std::uint64_t to = std::min<std::uint64_t>(from + script.byte() % 8, truth_.size());
    std::vector<std::string> paths;
    for (const auto& [path, content] : files()) {
      const auto range = ltx::parse_file_name(path.substr(path.rfind('/') + 1));
      if (range && range->min >= Txid{from} && range->max <= Txid{to}) paths.push_back(path);
    }
    const auto images = find_images(job_, paths);
    if (!images) return;
    const std::string output = kFolder + "/3/" + ltx::file_name({Txid{from}, Txid{to}});
    CompactOptions options;
    options.replace = true;
    options.rules.allow_overlaps = script.byte() % 2 != 0;
    const auto report = compact(job_, *images, output, options);
    if (!report) return;
    const bool as_named =
        report->header.min_txid == Txid{from} && report->header.max_txid == Txid{to};
    if (!as_named) files().erase(output);
  }

  test::MemoryEnv env_;
  const Job job_{env_};
  Pages now_;
  std::vector<Buffer> truth_;
  bool is_damaged_ = false;
  int changed_bytes_ = 0;
};

// Page by page, in two ways, as it was restored. Files of old variants are verified as they are
// unpacked, which restoring, with the checksum of the whole database, need not do.
void check_pages(Folder& folder, const std::shared_ptr<const ImageChain>& chain, Bytes restored) {
  PastDatabase past(folder.job(), chain, "tmp");
  const auto images = list_chain(*chain);
  require(images.ok(), "what was restored is a chain");
  PastStates states(
      folder.job(),
      [&](std::size_t number) -> Result<PastStates::Numbered> {
        if (number >= images->size()) return Error(Errc::kNotFound, "behind the oldest");
        return PastStates::Numbered{&(*images)[images->size() - 1 - number]};
      },
      "tmp");
  const auto state = states.state(0);
  require(state.ok(), "the newest state is one");
  for (Pgno pgno = 1; pgno <= past.page_count(); ++pgno) {
    const Bytes wanted = restored.subspan(std::size_t{pgno - 1} * kPageSize, kPageSize);
    for (PageSource* source : {static_cast<PageSource*>(&past), state->get()}) {
      const auto page = source->page(pgno);
      require(page ? std::ranges::equal(*page, wanted) : folder.is_damaged(),
              "a page is what was restored");
    }
  }
}

void check_moment(Folder& folder, const HistorySource& source, const Moment& moment) {
  const auto plan = plan_restore(source, {moment});
  if (!plan) {
    require(folder.is_damaged(), "each moment has its images");
    return;
  }
  const auto restored =
      restore_database(folder.job(), *plan, "out.db", {RestoreCheck::kNone, true});
  if (!restored) {
    require(folder.is_damaged(), "each moment can be restored");
    return;
  }
  const Buffer output = *folder.env().find("out.db");
  const bool is_true = std::ranges::find(folder.truth(), output) != folder.truth().end();
  require(is_true, "the database was in this state");
  if (!folder.is_damaged()) {
    require(output == folder.truth().at(moment.txid.value - 1), "it is that of the transaction");
  }
  check_pages(folder, plan->chain, output);
}

void run(Bytes input) {
  Folder folder;
  Script script(input);
  for (int step = 0; step < kMostSteps && !script.is_over(); ++step) folder.act(script);
  const auto source = open_ltx_files(folder.job(), {kFolder});
  if (!source) return;
  const auto moments = (*source)->moments();
  require(moments.ok(), "moments are listed");
  for (const Moment& moment : *moments) check_moment(folder, **source, moment);
}

}  // namespace
}  // namespace litetool

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  litetool::run(litetool::fuzz_bytes(data, size));
  return 0;
}
