#include "core/source/image_chain.h"

#include <algorithm>

#include "core/history/chain_back.h"
#include "core/history/image_walk.h"
#include "formats/ltx/page_order.h"

namespace litetool {
namespace {

class ListedChain : public ImageChain {
 public:
  explicit ListedChain(std::vector<ImageRef> images)
      : ImageChain(images.back()), images_(std::move(images)) {}

  Result<std::unique_ptr<ChainWalk>> walk() const override {
    return std::unique_ptr<ChainWalk>(std::make_unique<Walk>(images_));
  }

 private:
  using Images = std::vector<ImageRef>;

  class Walk : public ChainWalk {
   public:
    explicit Walk(const Images& images) : next_(images.rbegin()), end_(images.rend()) {}
    Result<std::optional<ImageRef>> next() override {
      if (next_ == end_) return std::optional<ImageRef>();
      return std::optional(*next_++);
    }

   private:
    Images::const_reverse_iterator next_;
    const Images::const_reverse_iterator end_;
  };

  const Images images_;
};

class WalkInFolder : public ChainWalk {
 public:
  WalkInFolder(ImageWalk images, Txid txid) : images_(std::move(images)), back_(txid) {}

  Result<std::optional<ImageRef>> next() override {
    if (back_.is_complete()) return std::optional<ImageRef>();
    for (;;) {
      LT_ASSIGN(const auto image, images_.next());
      if (!image || back_.is_behind(*image)) return back_.gap();
      if (back_.takes(*image)) return std::optional(image_ref(images_.path(), *image));
    }
  }

 private:
  ImageWalk images_;
  ChainBack back_;
};

Result<std::unique_ptr<ChainWalk>> walk_in_folder(const Job& job, const std::string& folder,
                                                  Txid txid) {
  LT_ASSIGN(ImageWalk images, ImageWalk::open(job, folder, txid));
  return std::unique_ptr<ChainWalk>(std::make_unique<WalkInFolder>(std::move(images), txid));
}

class ChainInFolder : public ImageChain {
 public:
  ChainInFolder(const Job& job, std::string folder, ImageRef last)
      : ImageChain(std::move(last)), job_(job), folder_(std::move(folder)) {}

  Result<std::unique_ptr<ChainWalk>> walk() const override {
    return walk_in_folder(job_, folder_, last().header.max_txid);
  }

 private:
  const Job job_;
  const std::string folder_;
};

}  // namespace

std::shared_ptr<const ImageChain> make_chain(std::vector<ImageRef> images) {
  LT_CHECK(!images.empty());
  return std::make_shared<const ListedChain>(std::move(images));
}

Result<std::shared_ptr<const ImageChain>> chain_in_folder(const Job& job, const std::string& folder,
                                                          Txid txid) {
  LT_ASSIGN(const auto walk, walk_in_folder(job, folder, txid));
  LT_ASSIGN(std::optional<ImageRef> last, walk->next());
  return std::shared_ptr<const ImageChain>(
      std::make_shared<const ChainInFolder>(job, folder, *std::move(last)));
}

Result<std::vector<ImageRef>> list_chain(const ImageChain& chain, Txid since) {
  std::vector<ImageRef> images;
  LT_ASSIGN(const auto walk, chain.walk());
  for (;;) {
    LT_ASSIGN(auto image, walk->next());
    if (!image || image->header.max_txid <= since) break;
    images.push_back(*std::move(image));
  }
  std::ranges::reverse(images);
  return images;
}

Status check_chain(const ImageChain& chain) {
  LT_ASSIGN(const auto walk, chain.walk());
  for (;;) {
    LT_ASSIGN(const auto image, walk->next());
    if (!image) return {};
  }
}

Status check_commit(const ImageChain& chain) {
  constexpr Pgno kHarmless = 1 << 20;  // tens of megabytes, whatever is kept for each page
  const ImageRef& last = chain.last();
  if (last.header.commit <= kHarmless) return {};
  std::uint64_t bytes = 0;
  LT_ASSIGN(const auto walk, chain.walk());
  for (;;) {
    LT_ASSIGN(const auto image, walk->next());
    if (!image) break;
    bytes += image->size;
    if (last.header.commit <= ltx::largest_commit(bytes, last.header.page_size)) return {};
  }
  Status claim = ltx::check_commit(last.header, bytes);
  return std::move(claim).error().with(last.name());
}

}  // namespace litetool
