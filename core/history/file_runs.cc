#include "core/history/file_runs.h"

#include <algorithm>

#include "core/history/file_images.h"
#include "core/history/history_reader.h"
#include "core/history/layout.h"

namespace litetool {
namespace {

// A segment is named after its first image, and each image in it is the next transaction.
Status find_end_of_segment(Env& env, int dir, FileRun& run) {
  LT_ASSIGN(FileImages images, FileImages::open(env, dir, run.path));
  LT_ASSIGN(const auto last, images.next());
  if (!last) return {};
  run.last = last->max_txid;
  run.images = run.last.value - run.first.value + 1;
  return {};
}

Status read_run(Env& env, int dir, const std::string& name, FileRun& run) {
  run.last = last_txid_of_name(name);
  run.first = run.last;
  run.images = 1;
  if (const auto compacted = parse_compacted_name(name)) {
    run.first = compacted->first;
    run.images = compacted->images;
  } else if (name.ends_with(kSegmentSuffix)) {
    run.images = 0;
    LT_TRY(find_end_of_segment(env, dir, run));
  }
  if (run.images == 0) return {};
  LT_ASSIGN(const auto file, env.open(dir, run.path, OpenMode::kRead));
  LT_ASSIGN(const ltx::Header header, ltx::read_header(*file, ltx::Variant::kV3Block, 0));
  // The first image of a compacted one may be a range over the transaction that the name begins
  // with.
  const bool named_so = is_compacted_name(name)
                            ? header.min_txid <= run.first && run.first <= header.max_txid
                            : run.first == header.max_txid;
  if (!named_so) {
    return Error::corrupt(0, "it begins with transaction " + header.max_txid.text() +
                                 ", not with the one of its name");
  }
  run.first = header.max_txid;
  run.start = header.is_snapshot() ? run.first : header.min_txid;
  run.first_time_ms = header.timestamp_ms;
  run.begins_with_snapshot = header.is_snapshot();
  run.begins_with_range = !header.is_snapshot() && header.min_txid != header.max_txid;
  return {};
}

}  // namespace

Result<FileRun> read_file_run(Env& env, int dir, const std::string& folder,
                              const std::string& name) {
  FileRun run;
  run.path = folder + "/" + name;
  if (Status read = read_run(env, dir, name, run); !read) {
    return std::move(read).error().with(run.path);
  }
  return run;
}

Result<std::optional<std::vector<FileRun>>> find_file_runs(Env& env, int dir,
                                                           const std::string& folder) {
  using Runs = std::optional<std::vector<FileRun>>;
  LT_ASSIGN(const std::vector<std::string> names, history_files(env, dir, folder));
  std::vector<FileRun> runs;
  for (const std::string& name : names) {
    auto run = read_file_run(env, dir, folder, name);
    // Whoever walks through the file can say what is wrong with it.
    if (!run) return Runs();
    if (run->images == 0) continue;
    const bool follows =
        runs.empty() ? run->begins_with_snapshot : runs.back().last.next() == run->start;
    if (!follows) return Runs();
    runs.push_back(*std::move(run));
  }
  return Runs(std::move(runs));
}

}  // namespace litetool
