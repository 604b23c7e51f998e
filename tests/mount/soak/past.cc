#include "soak/past.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>

#include "core/history/layout.h"
#include "core/os/env.h"
#include "formats/ltx/frame_reader.h"

namespace litetool::soak {
namespace {

template <typename T>
T must(Result<T> result, const std::string& where) {
  if (!result) throw std::runtime_error(where + ": " + result.error().text());
  return *std::move(result);
}

std::set<std::string> marked_in(const std::string& folder) {
  std::ifstream in(folder + "/" + std::string(kMarksFile));
  std::set<std::string> marked;
  for (std::string line; std::getline(in, line);) marked.insert(line.substr(0, line.find(' ')));
  return marked;
}

class Rebuild {
 public:
  explicit Rebuild(const HistoryReader& reader) : reader_(reader) {}

  bool follows(const HistoryImage& image) const {
    return image.min_txid.value == last_ + 1 ||
           (image.is_snapshot() && image.max_txid.value > last_);
  }
  std::uint64_t last() const { return last_; }
  Bytes bytes() const { return image_; }

  void add(const HistoryImage& image, const std::string& where) {
    image_.resize(std::size_t{image.commit} * image.page_size);
    const File* file = must(reader_.file_of(image), where);
    ltx::FrameReader frames =
        must(ltx::FrameReader::open(*file, ltx::Variant::kV3Block, image.offset), where);
    Buffer page(image.page_size);
    ltx::FrameBatch batch;
    while (must(frames.read_batch(batch), where)) {
      for (const ltx::Frame& frame : batch.frames()) {
        must(ltx::decode_frame(frame, page), where);
        const std::size_t at = std::size_t{frame.pgno - 1} * page.size();
        if (at + page.size() > image_.size()) throw std::runtime_error(where + ": page beyond end");
        std::ranges::copy(page, image_.begin() + static_cast<std::ptrdiff_t>(at));
      }
    }
    last_ = image.max_txid.value;
  }

 private:
  const HistoryReader& reader_;
  Buffer image_;
  std::uint64_t last_ = 0;
};

}  // namespace

void walk_history(const std::string& data, const std::string& database,
                  const std::function<void(const Point&)>& visit) {
  const std::string folder = history_folder_of(data + "/.litetool", database);
  const HistoryReader reader = must(HistoryReader::open(posix_env(), kCwd, folder), folder);
  const std::set<std::string> marked = marked_in(folder);
  std::vector<HistoryImage> images = reader.images();
  // Where there are several ways forward, the one with the smallest steps.
  std::ranges::stable_sort(images, [](const HistoryImage& a, const HistoryImage& b) {
    return std::pair(a.max_txid.value, ~a.min_txid.value) <
           std::pair(b.max_txid.value, ~b.min_txid.value);
  });
  Rebuild rebuild(reader);
  for (const HistoryImage& image : images) {
    if (image.max_txid.value <= rebuild.last()) continue;
    const std::string where = folder + " at " + image.max_txid.text();
    if (!rebuild.follows(image)) throw std::runtime_error(where + " does not follow on");
    Point point;
    point.first = Txid{rebuild.last() + 1};
    rebuild.add(image, where);
    point.last = image.max_txid;
    point.marked = marked.contains(image.max_txid.text());
    point.page_size = image.page_size;
    point.image = rebuild.bytes();
    visit(point);
  }
}

}  // namespace litetool::soak
