#include "core/history/retention_survey.h"

#include <algorithm>

#include "core/history/file_images.h"
#include "core/history/file_runs.h"
#include "core/history/history_reader.h"
#include "core/history/layout.h"

namespace litetool {
namespace {

// Of the database at the end of the file. The index of an image that is alone in its file is left
// unread: it is as large as the database has pages.
Result<Pgno> commit_after(Env& env, int dir, const FileRun& run) {
  if (run.images == 1) {
    LT_ASSIGN(const auto file, env.open(dir, run.path, OpenMode::kRead));
    LT_ASSIGN(const ltx::Header header, ltx::read_header(*file, ltx::Variant::kV3Block, 0));
    return header.commit;
  }
  LT_ASSIGN(FileImages images, FileImages::open(env, dir, run.path));
  LT_ASSIGN(const auto newest, images.next());
  return newest ? newest->commit : 0;
}

Result<HistoryFile> file_of(Env& env, int dir, const std::string& name, const FileRun& run) {
  LT_ASSIGN(const struct stat st, env.stat(dir, run.path));
  HistoryFile file{run};
  file.name = name;
  file.size = static_cast<std::uint64_t>(st.st_size);
  file.modified_ms = st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1'000'000;
  LT_ASSIGN(file.commit, commit_after(env, dir, run));
  file.is_base = run.images == 1 && run.begins_with_snapshot && !name.ends_with(kSegmentSuffix);
  file.groups = run.images;
  return file;
}

// The only image of a file, as far as retention asks.
HistoryImage only_image(const HistoryFile& file) {
  HistoryImage image;
  image.min_txid = file.begins_with_snapshot ? Txid{1} : file.start;
  image.max_txid = file.last;
  image.timestamp_ms = file.first_time_ms;
  return image;
}

// From the newest file to the oldest.
class Walk {
 public:
  Walk(const Job& job, int dir, KeepRule rule, RetentionSurvey& survey)
      : job_(job), dir_(dir), rule_(rule), survey_(survey) {}

  Status visit(HistoryFile& file) {
    LT_TRY(job_.check());
    survey_.points += file.images;
    KeptPoints& kept = survey_.kept;
    kept.newest = std::max(kept.newest, file.last);
    all_kept_ = all_kept_ && rule_.keeps_all_since(file.first_time_ms);
    if (!all_kept_) return look_at_each(file);
    kept.every_from = file.first;
    kept.every_count += file.images;
    rule_.pass(file.first_time_ms);
    snapshot_follows_ = file.begins_with_snapshot;
    return {};
  }

 private:
  Status look_at_each(HistoryFile& file) {
    file.groups = 0;
    if (file.images == 1) {
      look_at(only_image(file), file);
      return {};
    }
    auto images = FileImages::open(job_.env, dir_, file.path);
    if (!images) return std::move(images).error().with(file.path);
    for (;;) {
      auto image = images->next();
      if (!image) return std::move(image).error().with(file.path);
      if (!*image) return {};
      look_at(**image, file);
    }
  }

  void look_at(const HistoryImage& image, HistoryFile& file) {
    const bool kept = rule_.keeps(image);
    if (kept) survey_.kept.listed.insert(survey_.kept.listed.begin(), image.max_txid);
    // Nothing is merged into a snapshot.
    const bool ends = ends_group(image, kept) || snapshot_follows_;
    if (ends) ++file.groups;
    if (image.max_txid == file.last) file.ends_open = !ends;
    snapshot_follows_ = image.is_snapshot();
  }

  const Job& job_;
  const int dir_;
  KeepRule rule_;
  RetentionSurvey& survey_;
  bool all_kept_ = true;
  bool snapshot_follows_ = false;
};

}  // namespace

Result<std::vector<HistoryFile>> list_history(Env& env, int dir, const std::string& folder) {
  LT_ASSIGN(const std::vector<std::string> names, history_files(env, dir, folder));
  std::vector<HistoryFile> files;
  for (const std::string& name : names) {
    const Result<FileRun> run = read_file_run(env, dir, folder, name);
    if (!run && run.error().code == Errc::kNotFound) continue;  // replaced, and gone since
    if (!run) return run.error();
    if (run->images == 0) continue;
    auto file = file_of(env, dir, name, *run);
    if (!file) return std::move(file).error().with(run->path);
    files.push_back(*std::move(file));
  }
  std::ranges::stable_sort(files, {}, &HistoryFile::last);
  return files;
}

Result<RetentionSurvey> survey_history(const Job& job, int dir, const std::string& folder,
                                       const RetentionPolicy& policy,
                                       const std::set<Txid>& tagged) {
  RetentionSurvey survey;
  LT_ASSIGN(survey.files, list_history(job.env, dir, folder));
  Walk walk(job, dir, KeepRule(policy, tagged, job.env.now_ms()), survey);
  for (auto file = survey.files.rbegin(); file != survey.files.rend(); ++file) {
    if (!is_replaced(*file, survey.files)) LT_TRY(walk.visit(*file));
  }
  return survey;
}

}  // namespace litetool
