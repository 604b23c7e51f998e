// The pages that were asked for last, decoded.
#pragma once

#include <list>
#include <unordered_map>
#include <utility>

#include "formats/base/bytes.h"

namespace litetool {

template <typename Key>
class PageCache {
 public:
  // Holds at most `capacity` (>= 1) pages.
  explicit PageCache(std::size_t capacity) : capacity_(capacity) {}

  // The page, now the newest; nullptr when it is not here. Valid until `capacity` others were
  // added.
  const Buffer* find(Key key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    pages_.splice(pages_.begin(), pages_, found->second);
    return &found->second->second;
  }

  // Room for a page that is not here, in place of the oldest where there is no other.
  Buffer& add(Key key) {
    if (pages_.size() < capacity_) {
      pages_.emplace_front(key, Buffer());
    } else {
      pages_.splice(pages_.begin(), pages_, std::prev(pages_.end()));
      places_.erase(pages_.front().first);
      pages_.front().first = key;
    }
    places_[key] = pages_.begin();
    return pages_.front().second;
  }
  // Takes back what add() made last: the page could not be had.
  void drop_newest() {
    places_.erase(pages_.front().first);
    pages_.pop_front();
  }

 private:
  using Pages = std::list<std::pair<Key, Buffer>>;
  std::size_t capacity_;
  Pages pages_;  // newest first
  std::unordered_map<Key, typename Pages::iterator> places_;
};

}  // namespace litetool
