#include "core/audit/image_feed.h"

#include <optional>
#include <utility>

#include "core/history/prepared_image.h"
#include "core/os/ordered_pipeline.h"
#include "formats/base/text.h"
#include "formats/ltx/segment.h"

namespace litetool {
namespace {

// Images of a segment that one thread is given at once, by bytes and by number.
constexpr std::uint64_t kGroupBytes = std::uint64_t{1} << 20;
constexpr std::size_t kGroupImages = 256;
// From this size on an image is scanned by all threads.
constexpr std::uint64_t kLargeBytes = std::uint64_t{8} << 20;

struct Span {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
};

// Some images of one file.
struct Group {
  std::shared_ptr<const File> file{};  // shared with the groups of the same segment
  std::size_t file_index = 0;
  std::vector<Span> spans{};
  bool large = false;
  std::vector<Result<ImageReport>> reports{};
  std::optional<Error> damage{};  // behind the images
  bool last = false;              // of its file
};

class Feed {
 public:
  Feed(const Job& job, const std::vector<LtxFile>& files, ScanDepth depth, ImageSink& sink)
      : job_(job), files_(files), depth_(depth), sink_(sink) {}

  Status run() {
    OrderedPipeline<Group> pipeline(job_.threads);
    return pipeline.run([this](Group& g) { return next(g); }, [this](Group& g) { return work(g); },
                        [this](Group& g) { return tell(g); });
  }

 private:
  Result<bool> next(Group& group) {
    LT_TRY(job_.check());
    group.spans.clear();
    group.reports.clear();
    group.damage.reset();
    group.large = false;
    group.last = true;
    if (!segment_ && next_file_ == files_.size()) return false;
    if (segment_) {
      fill_from_segment(group);
      return true;
    }
    group.file_index = next_file_;
    const LtxFile& file = files_[next_file_++];
    auto opened = job_.env.open(kCwd, file.path, OpenMode::kRead);
    if (!opened) {
      group.damage = std::move(opened).error();
      return true;
    }
    group.file = std::shared_ptr<const File>(*std::move(opened));
    group.file->advise_sequential();
    if (file.segment) {
      open_ = group.file;
      segment_.emplace(*open_);
      fill_from_segment(group);
    } else {
      group.spans.push_back({0, group.file->size()});
      group.large = group.file->size() >= kLargeBytes;
    }
    return true;
  }

  void fill_from_segment(Group& group) {
    group.file = open_;
    group.file_index = next_file_ - 1;
    group.last = false;
    if (waiting_) take(group, *std::exchange(waiting_, {}));
    std::uint64_t bytes = 0;
    while (!group.large && bytes < kGroupBytes && group.spans.size() < kGroupImages) {
      auto image = segment_->next();
      if (image && *image) {
        const Span span{(*image)->offset, (*image)->size};
        bytes += span.size;
        // A large image waits until the small ones before it are on their way.
        if (span.size >= kLargeBytes && !group.spans.empty()) {
          waiting_ = span;
          return;
        }
        take(group, span);
        continue;
      }
      if (!image && !ends_prepared()) group.damage = explain(std::move(image).error());
      group.last = true;
      segment_.reset();
      open_.reset();
      return;
    }
  }

  static void take(Group& group, const Span& span) {
    group.spans.push_back(span);
    group.large = span.size >= kLargeBytes;
  }

  // What is left is a transaction whose journal is not over: it is none yet, and no damage.
  bool ends_prepared() const {
    const auto prepared = find_prepared_image(*open_, open_->size());
    return prepared && *prepared && (*prepared)->offset == segment_->position();
  }

  // Why the segment cannot be read on from here.
  Error explain(Error e) const {
    const std::uint64_t at = segment_->position();
    const auto end = ltx::find_segment_end(*open_, at);
    if (!end || !end->damage) return e;
    const std::uint64_t rest = open_->size() - at;
    if (end->torn) {
      return Error::corrupt(at, "torn tail: the last complete image ends here, " +
                                    std::to_string(rest) + " bytes follow (" + e.text() + ")");
    }
    e.message += "; the rest of the segment, " + std::to_string(rest) + " bytes from offset " +
                 std::to_string(at) + ", cannot be read";
    return e;
  }

  Status work(Group& group) const {
    if (group.large) return {};  // by all threads, when its turn has come
    Job job = job_;
    job.threads = 1;
    return scan(job, group);
  }

  Status scan(const Job& job, Group& group) const {
    const bool segment = files_[group.file_index].segment;
    for (const Span& span : group.spans) {
      ScanOptions options;
      options.offset = span.offset;
      options.extent = segment ? ltx::Extent::kImage : ltx::Extent::kWholeFile;
      options.depth = depth_;
      group.reports.push_back(scan_image(job, *group.file, options));
      const auto& report = group.reports.back();
      if (!report && report.error().code == Errc::kInterrupted) return report.error();
    }
    return {};
  }

  Status tell(Group& group) {
    if (group.large) LT_TRY(scan(job_, group));
    const LtxFile& file = files_[group.file_index];
    for (const auto& report : group.reports) {
      if (report) {
        LT_TRY(sink_.image(file, *report));
      } else {
        LT_TRY(sink_.damage(file, report.error()));
      }
    }
    if (group.damage) LT_TRY(sink_.damage(file, *group.damage));
    group.file.reset();
    if (group.last) LT_TRY(sink_.end_of_file(file));
    return {};
  }

  const Job& job_;
  const std::vector<LtxFile>& files_;
  const ScanDepth depth_;
  ImageSink& sink_;
  std::size_t next_file_ = 0;
  std::shared_ptr<const File> open_;  // the segment being read, if one is
  std::optional<ltx::SegmentReader> segment_;
  std::optional<Span> waiting_;
};

}  // namespace

Status feed_images(const Job& job, const std::vector<LtxFile>& files, ScanDepth depth,
                   ImageSink& sink) {
  return Feed(job, files, depth, sink).run();
}

}  // namespace litetool
