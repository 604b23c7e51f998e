#include "core/source/event_feed.h"

#include <algorithm>

#include "core/history/history_reader.h"
#include "core/history/layout.h"
#include "core/history/marks.h"

namespace litetool {
namespace {

// The last transaction that is not an event any more.
Txid start_of(const Point& point, const std::vector<HistoryImage>& images) {
  Txid start;
  switch (point.kind) {
    case Point::Kind::kTxid:
      return point.txid;
    case Point::Kind::kTag:
      break;
    case Point::Kind::kTime:
      for (const HistoryImage& image : images) {
        if (image.timestamp_ms <= point.time_ms) start = image.max_txid;
      }
      return start;
    case Point::Kind::kLatest:
      return images.size() <= point.back ? start : images[images.size() - 1 - point.back].max_txid;
  }
  return start;
}

std::string name_of(const std::string& folder) {
  return unescape_path(folder).value_or(folder);
}

}  // namespace

EventFeed::EventFeed(Env& env, std::string history, std::optional<std::string> database,
                     std::optional<Point> since)
    : env_(env), folders_(std::move(history) + "/db"), since_(since) {
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

Result<Txid> EventFeed::start_in(const std::string& path,
                                 const std::vector<HistoryImage>& images) const {
  if (since_->kind != Point::Kind::kTag) return start_of(*since_, images);
  LT_ASSIGN(const std::vector<Tag> tags, read_tags(env_, kCwd, path));
  LT_ASSIGN(const Point point, resolve_tag(*since_, tags));
  return point.txid;
}

Status EventFeed::look_at(const std::string& folder, std::vector<TransactionEvent>& events) {
  const std::string path = folders_ + "/" + folder;
  LT_ASSIGN(const struct stat st, env_.stat(kCwd, path));
  if (!S_ISDIR(st.st_mode)) return {};
  // Names and sizes first: what is added while it is read shows at the next look.
  LT_ASSIGN(std::string files, files_in(path));
  const auto known = seen_.find(st.st_ino);
  if (known != seen_.end() && known->second.files == files) return {};
  LT_ASSIGN(const HistoryReader reader, HistoryReader::open(env_, kCwd, path));
  LT_ASSIGN(const auto marks, read_marks(env_, kCwd, path));
  const std::vector<HistoryImage>& images = reader.images();
  Txid last = known != seen_.end() ? known->second.last : Txid{};
  if (known == seen_.end() && first_ && since_) {
    LT_ASSIGN(last, start_in(path, images));
  }
  for (std::size_t i = 0; i < images.size(); ++i) {
    // Of several that end at the same transaction the narrowest comes last.
    const bool is_widest = i + 1 < images.size() && images[i + 1].max_txid == images[i].max_txid;
    if (images[i].max_txid <= last || is_widest) continue;
    const auto mark = marks.find(images[i].max_txid);
    events.push_back({name_of(folder), images[i], mark == marks.end() ? "" : mark->second});
    last = images[i].max_txid;
  }
  seen_[st.st_ino] = {last, std::move(files)};
  return {};
}

Result<std::vector<TransactionEvent>> EventFeed::poll() {
  std::vector<TransactionEvent> events;
  unreadable_.clear();
  // A directory that has just been mounted has none yet.
  const auto folders = env_.list(kCwd, folders_);
  if (!folders && folders.error().code != Errc::kNotFound) return folders.error();
  for (const std::string& folder : folders ? *folders : std::vector<std::string>()) {
    if (only_ && folder != *only_) continue;
    // One that goes away or is compacted meanwhile is looked at again.
    const Status looked = look_at(folder, events);
    if (!looked && looked.error().code != Errc::kNotFound) {
      unreadable_.emplace(name_of(folder), looked.error());
    }
  }
  first_ = false;
  std::ranges::stable_sort(events, {},
                           [](const TransactionEvent& e) { return e.image.timestamp_ms; });
  return events;
}

}  // namespace litetool
