// The states that a history goes through, from the newest backwards, with shared knowledge of where
// their pages are: each image's page index is read once, however many states are looked at.
//
// States are numbered by the image that leads to them, 0 for the newest. A page of a state is in
// the first image from that number on that has it; the images are looked at as far back as the
// pages asked for make necessary. Where the content of one state is known (see known()), pages that
// were not written since need no image at all.
//
// Memory: some 50 bytes for each page of each image that was looked at, less for snapshots; of
// images that are forgotten the newest version of a page only. What is checked is what PastDatabase
// checks.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/past/image_pages.h"
#include "core/past/page_cache.h"
#include "core/past/page_source.h"

namespace litetool {

class PastStates {
 public:
  // The image that leads to the state with a number, and whether the one with the number before
  // follows on from it. Valid until the next call.
  struct Numbered {
    const ImageRef* image = nullptr;
    bool leads_on = true;
  };
  // For numbers that are not forgotten; an error behind the oldest.
  using ImageWithNumber = std::function<Result<Numbered>(std::size_t)>;

  // `temp_dir`: for what must be unpacked. What the job points to outlives the object.
  PastStates(const Job& job, ImageWithNumber image, std::string temp_dir);

  PastStates(const PastStates&) = delete;
  PastStates& operator=(const PastStates&) = delete;

  // The pages of a state, which must not be forgotten; the object outlives the result. A page is
  // valid until the next two calls for any state. kBrokenChain when a page is in no image.
  Result<std::unique_ptr<PageSource>> state(std::size_t number);
  // The page numbers in the image that leads to a state, ascending.
  Result<std::vector<Pgno>> pages_in_image(std::size_t number);

  // States before this number are not asked for any more.
  void forget_before(std::size_t number) { floor_ = number; }
  // How far back is looked for a page, in images from the oldest state that is not forgotten on;
  // then kTimeout.
  void look_back_at_most(std::size_t images) { reach_ = images; }
  // The content of the state with this number.
  void known(std::size_t number, std::shared_ptr<PageSource> pages);
  bool is_known() const { return known_ != nullptr; }

 private:
  class State;
  struct Version {
    std::size_t number = 0;  // of the image
    PagePlace place;
  };
  // An image that follows on from none: a snapshot, or, without pages of its own, one before which
  // something is missing.
  struct Start {
    std::size_t number = 0;
    std::vector<std::pair<Pgno, PagePlace>> pages;  // ascending
  };
  // A state that is smaller than the one before it.
  struct Shrink {
    std::size_t number = 0;
    Pgno commit = 0;
  };

  Result<Bytes> page_of(std::size_t number, Pgno pgno);
  Result<Version> find(std::size_t number, Pgno pgno);
  const Version* version_from(std::size_t number, Pgno pgno) const;
  bool is_as_known(std::size_t number, Pgno pgno) const;
  bool was_cut_off(std::size_t from, std::size_t to, Pgno pgno) const;
  void pass_over();
  Status look_at_next();
  void add(const Version& version, Pgno pgno);
  static Error missing(Pgno pgno);

  const ImageWithNumber image_;
  ImagePages images_;
  std::unordered_map<Pgno, std::vector<Version>> versions_;  // by number
  std::vector<Start> starts_;                                // by number
  std::vector<Shrink> shrinks_;                              // by number
  std::size_t seen_ = 0;             // images before this number were looked at
  std::optional<Pgno> last_commit_;  // of the last of them
  std::size_t floor_ = 0;
  std::size_t reach_ = SIZE_MAX;
  std::shared_ptr<PageSource> known_;
  std::size_t known_number_ = 0;
  // By number of the image and of the page; made when the size of a page is known.
  std::optional<PageCache<std::uint64_t>> cache_;
};

}  // namespace litetool
