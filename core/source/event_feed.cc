#include "core/source/event_feed.h"

#include <algorithm>

#include "core/history/history_reader.h"
#include "core/history/image_walk.h"
#include "core/history/layout.h"
#include "core/history/marks.h"

namespace litetool {
namespace {

// Where a feed begins, asked from the newest image to the oldest: the first one that is no event.
class Beginning {
 public:
  // Everything that ends after `last`.
  explicit Beginning(Txid last) : point_{.kind = Point::Kind::kTxid, .txid = last} {}
  explicit Beginning(const Point& point) : point_(point) {}

  bool lies_behind(const HistoryImage& image) {
    switch (point_.kind) {
      case Point::Kind::kTxid:
        return image.max_txid <= point_.txid;
      case Point::Kind::kTime:
        return image.timestamp_ms <= point_.time_ms;
      case Point::Kind::kLatest:
        return passed_++ >= point_.back;
      case Point::Kind::kTag:
        break;
    }
    return false;
  }
  // Nothing up to here is an event, also if it comes later.
  Txid txid() const { return point_.kind == Point::Kind::kTxid ? point_.txid : Txid{}; }

 private:
  Point point_;
  std::uint64_t passed_ = 0;
};

struct News {
  std::vector<HistoryImage> images;  // ascending
  Txid last;                         // the end of the history, or of what is known to be no event
};

Result<News> news_since(const Job& job, const std::string& path, Beginning beginning) {
  News news{{}, beginning.txid()};
  LT_ASSIGN(ImageWalk walk, ImageWalk::open(job, path));
  for (;;) {
    LT_ASSIGN(const auto image, walk.next_step());
    if (!image) break;
    news.last = std::max(news.last, image->max_txid);
    if (beginning.lies_behind(*image)) break;
    news.images.push_back(*image);
  }
  std::ranges::reverse(news.images);
  return news;
}

constexpr int kLooksAgain = 10;

std::string name_of(const std::string& folder) {
  return unescape_path(folder).value_or(folder);
}

}  // namespace

EventFeed::EventFeed(const Job& job, std::string history, std::optional<std::string> database,
                     std::optional<Point> since)
    : job_(job), env_(job.env), folders_(std::move(history) + "/db"), since_(since) {
  if (database) only_ = escape_path(*database);
}

// Changes when an image is added, compacted or dropped.
Result<std::string> EventFeed::files_in(const std::string& path) const {
  LT_ASSIGN(const std::vector<std::string> names, history_files(env_, kCwd, path));
  std::string files;
  for (const std::string& name : names) {
    LT_ASSIGN(const struct stat st, env_.stat(kCwd, path + "/" + name));
    files += name + ":" + std::to_string(st.st_size) + "\n";
  }
  return files;
}

Result<Point> EventFeed::beginning_of(const std::string& path) const {
  if (since_->kind != Point::Kind::kTag) return *since_;
  LT_ASSIGN(const std::vector<Tag> tags, read_tags(env_, kCwd, path));
  return resolve_tag(*since_, tags);
}

Status EventFeed::look_at(const std::string& folder, std::vector<TransactionEvent>& events) {
  const std::string path = folders_ + "/" + folder;
  LT_ASSIGN(const struct stat st, env_.stat(kCwd, path));
  if (!S_ISDIR(st.st_mode)) return {};
  // Names and sizes first: what is added while it is read shows at the next look.
  LT_ASSIGN(std::string files, files_in(path));
  const auto known = seen_.find(st.st_ino);
  if (known != seen_.end() && known->second.files == files) return {};
  Beginning beginning(known != seen_.end() ? known->second.last : Txid{});
  if (known == seen_.end() && (first_ || unseen_.contains(folder)) && since_) {
    LT_ASSIGN(const Point point, beginning_of(path));
    beginning = Beginning(point);
  }
  LT_ASSIGN(const News news, news_since(job_, path, beginning));
  LT_ASSIGN(const auto marks, read_marks(env_, kCwd, path));
  for (const HistoryImage& image : news.images) {
    const auto mark = marks.find(image.max_txid);
    events.push_back({name_of(folder), image, mark == marks.end() ? "" : mark->second});
  }
  seen_[st.st_ino] = {news.last, std::move(files)};
  return {};
}

// A file was not there, but the history is.
bool EventFeed::is_lost(const Status& looked, const std::string& folder) const {
  return !looked && looked.error().code == Errc::kNotFound &&
         env_.stat(kCwd, folders_ + "/" + folder).ok();
}

Result<std::vector<TransactionEvent>> EventFeed::poll() {
  std::vector<TransactionEvent> events;
  unreadable_.clear();
  // A directory that has just been mounted has none yet.
  const auto folders = env_.list(kCwd, folders_);
  if (!folders && folders.error().code != Errc::kNotFound) return folders.error();
  for (const std::string& folder : folders ? *folders : std::vector<std::string>()) {
    if (only_ && folder != *only_) continue;
    Status looked = look_at(folder, events);
    // Compacted meanwhile: it is all there, in other files.
    for (int again = 0; again < kLooksAgain && is_lost(looked, folder); ++again) {
      looked = look_at(folder, events);
    }
    if (!looked && (looked.error().code != Errc::kNotFound || is_lost(looked, folder))) {
      if (first_) unseen_.insert(folder);
      unreadable_.emplace(name_of(folder), looked.error());
    } else {
      unseen_.erase(folder);
    }
  }
  first_ = false;
  std::ranges::stable_sort(events, {},
                           [](const TransactionEvent& e) { return e.image.timestamp_ms; });
  return events;
}

}  // namespace litetool
