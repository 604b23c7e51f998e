#include "core/audit/listing.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "core/audit/chain.h"
#include "core/audit/image_feed.h"

namespace litetool {
namespace {

ChainLink link_of(const ListedImage& image, const ImageReport& report) {
  ChainLink link = make_link(image.file, report);
  link.offset = image.offset;
  link.segment = image.offset.has_value();
  return link;
}

class Lister : public ImageSink {
 public:
  explicit Lister(Listing& listing) : listing_(listing) {}

  Status image(const LtxFile& file, const ImageReport& report) override {
    ListedImage image;
    image.file = file.path;
    if (file.segment) image.offset = report.offset;
    image.size_bytes = report.size();
    image.page_count = report.tail.page_count;
    image.header = report.header;
    image.trailer = report.tail.trailer;
    Folder& folder = folders_[file.folder()];
    folder.links.push_back(link_of(image, report));
    folder.images.push_back(std::move(image));
    return {};
  }
  Status damage(const LtxFile& file, const Error& error) override {
    listing_.damage.emplace_back(file.path, error);
    return {};
  }
  Status end_of_file(const LtxFile&) override { return {}; }

  void finish() {
    for (auto& [name, folder] : folders_) add(folder);
  }

 private:
  struct Folder {
    std::vector<ChainLink> links;
    std::vector<ListedImage> images;
  };

  void add(Folder& folder) {
    std::vector<std::size_t> order(folder.links.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
      return chain_order(folder.links[a], folder.links[b]);
    });
    std::vector<ChainLink> sorted;
    const std::size_t first = listing_.images.size();
    for (const std::size_t i : order) {
      sorted.push_back(std::move(folder.links[i]));
      listing_.images.push_back(std::move(folder.images[i]));
    }
    for (const ChainProblem& p : check_chain(sorted)) {
      listing_.images[first + p.link].problems.push_back(p.text);
    }
    folder = {};
  }

  Listing& listing_;
  std::map<std::string, Folder> folders_;
};

}  // namespace

double ListedImage::ratio() const {
  const auto bytes = static_cast<double>(page_count) * header.page_size;
  return size_bytes == 0 ? 0 : bytes / static_cast<double>(size_bytes);
}

Result<Listing> list_images(const Job& job, const FileSet& set) {
  Listing listing;
  for (const UnreadPath& u : set.unread) listing.damage.emplace_back(u.path, u.error);
  Lister lister(listing);
  LT_TRY(feed_images(job, set.files, ScanDepth::kStructure, lister));
  lister.finish();
  return listing;
}

}  // namespace litetool
