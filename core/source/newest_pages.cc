#include "core/source/newest_pages.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "core/ltx/open_image.h"
#include "core/os/ordered_pipeline.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

// Frames of one image on their way to the taker.
struct Item {
  std::shared_ptr<OpenImage> image;
  ltx::FrameBatch batch;
  std::vector<bool> wanted;         // for each frame: the newest version of its page
  std::vector<std::uint64_t> crcs;  // logical CRC of each decoded frame
  Buffer pages;                     // of the wanted frames, one behind the other
  Buffer unwanted;                  // room for one page
  Checksum sum = kEmptyDatabase;    // of the wanted pages
  bool image_ends = false;          // no frames, but the verdict on the image
};

class Reading {
 public:
  Reading(const Job& job, const ImageRef& last, ChainWalk& chain, const TakePages& take)
      : job_(job),
        chain_(chain),
        take_(take),
        last_(last.header),
        promised_(last.trailer.post_apply),
        lock_pgno_(last_.lock_pgno()),
        verify_images_(!last_.has_checksums()),
        page_crc_(last_.page_size),
        found_(last_.commit),
        missing_(last_.commit),
        limit_(last_.commit) {
    if (lock_pgno_ <= last_.commit) --missing_;
  }

  Result<NewestPages> run() {
    OrderedPipeline<Item> pipeline(job_.threads);
    LT_TRY(pipeline.run([this](Item& item) { return produce(item); },
                        [this](Item& item) { return work(item); },
                        [this](Item& item) { return consume(item); }));
    if (missing_ != 0) {
      return Error(Errc::kBrokenChain,
                   format("%u pages of transaction %s are in no file, page %u is the first",
                          missing_, last_.max_txid.text().c_str(), first_missing()));
    }
    if (!verify_images_ && sum_ != promised_) {
      return Error(Errc::kCorrupt, "pages of transaction " + last_.max_txid.text() +
                                       " add up to checksum " + sum_.text() +
                                       ", the history says " + promised_.text());
    }
    return NewestPages{sum_, images_};
  }

 private:
  Result<bool> produce(Item& item) {
    item.batch.clear();
    item.image_ends = false;
    while (verify_images_ || missing_ != 0) {
      LT_TRY(job_.check());
      if (image_ == nullptr) {
        LT_ASSIGN(const bool is_there, open_next());
        if (!is_there) return false;
      }
      item.image = image_;
      LT_ASSIGN(const bool more, image_->read_batch(item.batch));
      // In a long history most images hold nothing but what later ones have written again.
      if (more && (choose(item) || verify_images_)) return true;
      if (more) {
        item.batch.clear();
        continue;
      }
      image_.reset();
      item.image_ends = verify_images_;
      item.batch.clear();
      if (item.image_ends) return true;
    }
    return false;
  }

  // The next older image; false behind the oldest.
  Result<bool> open_next() {
    LT_ASSIGN(const auto ref, chain_.next());
    if (!ref) return false;
    limit_ = std::min(limit_, ref->header.commit);
    LT_ASSIGN(image_, OpenImage::open_after(before_.get(), job_.env, *ref));
    before_ = image_;
    ++images_;
    return true;
  }

  // True where there is anything that is wanted.
  bool choose(Item& item) {
    const auto& frames = item.batch.frames();
    item.wanted.assign(frames.size(), false);
    bool any = false;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const Pgno pgno = frames[i].pgno;
      // Beyond the limit: cut off by a later transaction, so not what the page has now.
      if (pgno > limit_ || pgno == lock_pgno_ || found_[pgno - 1]) continue;
      found_[pgno - 1] = true;
      item.wanted[i] = true;
      any = true;
      --missing_;
    }
    return any;
  }

  Status work(Item& item) const {
    const auto& frames = item.batch.frames();
    const std::size_t page_size = last_.page_size;
    item.crcs.assign(frames.size(), 0);
    item.pages.resize(page_size * frames.size());
    item.unwanted.resize(page_size);
    item.sum = kEmptyDatabase;
    std::size_t used = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      if (!item.wanted[i] && !verify_images_) continue;
      const MutableBytes room = item.wanted[i] ? MutableBytes(item.pages).subspan(used, page_size)
                                               : MutableBytes(item.unwanted);
      auto crc = ltx::decode_frame(frames[i], room);
      if (!crc) return item.image->locate_frame(std::move(crc).error());
      item.crcs[i] = *crc;
      if (!item.wanted[i]) continue;
      item.sum = checksum_xor(item.sum, page_crc_.page_checksum(frames[i], *crc));
      used += page_size;
    }
    return {};
  }

  Status consume(Item& item) {
    if (item.image_ends) return item.image->verify();
    const auto& frames = item.batch.frames();
    sum_ = checksum_xor(sum_, item.sum);
    for (std::size_t i = 0; verify_images_ && i < frames.size(); ++i) {
      item.image->add(frames[i], item.crcs[i]);
    }
    return give(item);
  }

  // The wanted pages, neighbours together.
  Status give(const Item& item) const {
    const auto& frames = item.batch.frames();
    const std::size_t page_size = last_.page_size;
    std::size_t used = 0;
    for (std::size_t i = 0; i < frames.size(); ++i) {
      if (!item.wanted[i]) continue;
      std::size_t end = i + 1;
      while (end < frames.size() && item.wanted[end] &&
             frames[end].pgno == frames[end - 1].pgno + 1) {
        ++end;
      }
      LT_TRY(take_(frames[i].pgno,
                   Bytes(item.pages).subspan(used * page_size, (end - i) * page_size)));
      job_.advance((end - i) * page_size);
      used += end - i;
      i = end - 1;
    }
    return {};
  }

  Pgno first_missing() const {
    for (Pgno pgno = 1; pgno <= last_.commit; ++pgno) {
      if (!found_[pgno - 1] && pgno != lock_pgno_) return pgno;
    }
    return 0;
  }

  const Job& job_;
  ChainWalk& chain_;
  const TakePages& take_;
  const ltx::Header& last_;
  const Checksum promised_;
  const Pgno lock_pgno_;
  const bool verify_images_;
  const ltx::PageCrc page_crc_;
  std::vector<bool> found_;
  Pgno missing_;
  Pgno limit_;  // the smallest commit from the present image on
  std::shared_ptr<OpenImage> image_;
  std::shared_ptr<OpenImage> before_;  // the one that was opened last
  std::uint64_t images_ = 0;           // opened
  Checksum sum_ = kEmptyDatabase;
};

}  // namespace

Result<NewestPages> read_newest_pages(const Job& job, const ImageChain& chain,
                                      const TakePages& take) {
  LT_ASSIGN(const auto walk, chain.walk());
  return Reading(job, chain.last(), *walk, take).run();
}

}  // namespace litetool
