#include "core/history/compaction.h"

#include <algorithm>

#include "core/history/file_runs.h"
#include "core/history/history_reader.h"
#include "core/history/layout.h"
#include "core/history/retention_survey.h"
#include "core/history/tags.h"
#include "core/ltx/compact.h"
#include "core/os/atomic_file.h"
#include "formats/ltx/segment.h"

namespace litetool {
namespace {

// Nobody else's, like all of a history.
constexpr unsigned kMode = 0600;

std::optional<std::string> open_segment_of(const CompactionPlace& place) {
  return place.open_segment ? place.open_segment() : std::string();
}

Result<std::set<Txid>> tagged_points(Env& env, const CompactionPlace& place) {
  LT_ASSIGN(const std::vector<Tag> tags, read_tags(env, place.dir, place.folder));
  std::set<Txid> points;
  for (const Tag& tag : tags) points.insert(tag.txid);
  return points;
}

class Round {
 public:
  Round(const Job& job, const CompactionPlace& place, const CompactionOutlook& outlook)
      : job_(job), place_(place), outlook_(outlook), root_(root_of(place)) {}

  Result<CompactionReport> run() {
    if (outlook_.plan.new_base.value != 0) LT_TRY(write_base());
    for (const auto& names : outlook_.plan.rewrites) {
      LT_TRY(job_.check());
      LT_TRY(rewrite(names));
    }
    for (const std::string& name : outlook_.plan.removals) LT_TRY(remove(name));
    return report_;
  }

 private:
  // The folder may be covered by the mount, so paths go through the descriptor.
  static std::string root_of(const CompactionPlace& place) {
    if (place.dir == kCwd) return place.folder + "/";
    return "/proc/self/fd/" + std::to_string(place.dir) + "/" + place.folder + "/";
  }

  const HistoryFile& file_named(const std::string& name) const {
    const auto found = std::ranges::find(outlook_.files, name, &HistoryFile::name);
    LT_CHECK(found != outlook_.files.end());
    return *found;
  }

  // The state at the new base's point, from the files that hold it.
  Status write_base() {
    const Txid point = outlook_.plan.new_base;
    LT_ASSIGN(const HistoryReader reader,
              HistoryReader::open(job_.env, place_.dir, place_.folder, point));
    LT_ASSIGN(const std::vector<HistoryImage> chain, reader.chain_to(point));
    const std::string name = ltx::file_name({Txid{1}, point});
    LT_ASSIGN(AtomicFile output, AtomicFile::create(job_.env, root_ + name, true, kMode));
    ImageMerge merge(job_, {}, root_ + name);
    for (const HistoryImage& image : chain) {
      const std::string& path = reader.files()[image.file];
      LT_TRY(merge.add(image_ref(root_ + path.substr(path.rfind('/') + 1), image)));
    }
    LT_TRY(merge.write(output));
    LT_TRY(output.commit());
    ++report_.files_written;
    LT_ASSIGN(const bool stays, stays_unless_tagged(name, Txid{1}, point));
    if (stays) report_.new_base = point;
    return {};
  }

  Status rewrite(const std::vector<std::string>& names) {
    std::vector<HistoryImage> images;
    for (std::uint32_t i = 0; i < names.size(); ++i) {
      LT_ASSIGN(std::vector<HistoryImage> part,
                read_history_file(job_.env, place_.dir, place_.folder, names[i]));
      for (HistoryImage& image : part) image.file = i;
      LT_TRY(check_follows(images, part, names[i]));
      if (images.empty()) {
        images = std::move(part);
      } else {
        images.insert(images.end(), part.begin(), part.end());
      }
    }
    const std::vector<ImageGroup> groups = group_images(images, outlook_.kept);
    const std::string name =
        compacted_name(images.front().max_txid, images.back().max_txid, groups.size());
    LT_ASSIGN(AtomicFile output, AtomicFile::create(job_.env, root_ + name, true, kMode));
    for (const ImageGroup group : groups) {
      LT_TRY(job_.check());
      const auto ref_of = [&](const HistoryImage& image) {
        return image_ref(root_ + names[image.file], image);
      };
      if (group.size() == 1) {
        LT_TRY(copy_image(ref_of(group.front()), output));
        continue;
      }
      ImageMerge merge(job_, {}, root_ + name);
      for (const HistoryImage& image : group) LT_TRY(merge.add(ref_of(image)));
      LT_TRY(merge.write(output));
    }
    LT_ASSIGN(const ltx::SegmentEnd written, ltx::find_segment_end(output.file()));
    if (written.image_count != groups.size() || written.end != output.file().size()) {
      return Error(Errc::kFailed, name + " does not read back as it was written");
    }
    LT_TRY(output.commit());
    ++report_.files_written;
    LT_TRY(stays_unless_tagged(name, images.front().max_txid, images.back().max_txid));
    return {};
  }

  // A merge over a hole would hide it.
  static Status check_follows(const std::vector<HistoryImage>& before,
                              const std::vector<HistoryImage>& part, const std::string& name) {
    const HistoryImage* last = before.empty() ? nullptr : &before.back();
    for (const HistoryImage& image : part) {
      const bool follows =
          last == nullptr || image.is_snapshot() ||
          (image.min_txid == last->max_txid.next() && image.pre_apply == last->post_apply);
      if (!follows) {
        return Error(Errc::kBrokenChain, name + ": transaction " + image.min_txid.text() +
                                             " does not follow on from " + last->max_txid.text() +
                                             " (see 'litetool ltx verify'); nothing is merged");
      }
      last = &image;
    }
    return {};
  }

  // Removes what was written without a point that has been tagged since the round began: its
  // sources are all still there. False if so.
  Result<bool> stays_unless_tagged(const std::string& name, Txid first, Txid last) {
    LT_ASSIGN(const std::set<Txid> tagged, tagged_points(job_.env, place_));
    const bool misses_one = std::ranges::any_of(tagged, [&](Txid point) {
      return !outlook_.tagged.contains(point) && !outlook_.kept.contains(point) && first <= point &&
             point < last;
    });
    if (!misses_one) return true;
    --report_.files_written;
    LT_TRY(job_.env.unlink(place_.dir, place_.folder + "/" + name));
    return false;
  }

  Status copy_image(const ImageRef& image, AtomicFile& output) const {
    LT_ASSIGN(const auto file, job_.env.open(kCwd, image.path, OpenMode::kRead));
    Buffer piece(std::size_t{1} << 20);
    for (std::uint64_t done = 0; done < image.size;) {
      const std::size_t wanted = std::min<std::uint64_t>(piece.size(), image.size - done);
      const MutableBytes part = MutableBytes(piece).first(wanted);
      LT_TRY(file->read_exact(part, image.offset + done));
      LT_TRY(output.write(part));
      done += wanted;
    }
    return {};
  }

  Status remove(const std::string& name) {
    const auto open = open_segment_of(place_);
    if (!open || *open == name) return {};
    LT_TRY(job_.env.unlink(place_.dir, place_.folder + "/" + name));
    ++report_.files_removed;
    report_.bytes_removed += file_named(name).size;
    return {};
  }

  const Job& job_;
  const CompactionPlace& place_;
  const CompactionOutlook& outlook_;
  const std::string root_;
  CompactionReport report_;
};

}  // namespace

Result<bool> point_lasts(Env& env, const CompactionPlace& place, Txid point) {
  LT_ASSIGN(const auto runs, find_file_runs(env, place.dir, place.folder));
  const bool is_in_run = runs && std::ranges::any_of(*runs, [&](const FileRun& run) {
                           return run.is_every() && run.first <= point && point <= run.last;
                         });
  if (is_in_run) return true;
  LT_ASSIGN(const std::vector<HistoryFile> files, list_history(env, place.dir, place.folder));
  for (const HistoryFile& file : files) {
    if (point < file.first || file.last < point || is_replaced(file, files)) continue;
    LT_ASSIGN(const std::vector<HistoryImage> images,
              read_history_file(env, place.dir, place.folder, file.name));
    if (std::ranges::binary_search(images, point, {}, &HistoryImage::max_txid)) return true;
  }
  return false;
}

Result<CompactionOutlook> look_ahead(const Job& job, const CompactionPlace& place,
                                     const RetentionPolicy& policy) {
  CompactionOutlook outlook;
  LT_ASSIGN(outlook.tagged, tagged_points(job.env, place));
  LT_ASSIGN(RetentionSurvey survey,
            survey_history(job, place.dir, place.folder, policy, outlook.tagged));
  // Asked after the files were listed: what is not appended to now never will be again.
  const auto open = open_segment_of(place);
  if (!open) return outlook;
  std::erase_if(survey.files, [&](const HistoryFile& file) { return file.name == *open; });
  outlook.files = std::move(survey.files);
  outlook.kept = std::move(survey.kept);
  outlook.points = survey.points;
  for (const Txid point : outlook.tagged) {
    if (!outlook.kept.contains(point)) continue;  // it was gone before it had that name
    outlook.kept.oldest_tagged = point;
    break;
  }
  outlook.plan = plan_retention(outlook.files, policy, outlook.kept, job.env.now_ms());
  return outlook;
}

Result<CompactionReport> compact_history(const Job& job, const CompactionPlace& place,
                                         const RetentionPolicy& policy) {
  LT_ASSIGN(const CompactionOutlook outlook, look_ahead(job, place, policy));
  return Round(job, place, outlook).run();
}

}  // namespace litetool
