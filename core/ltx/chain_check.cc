#include "core/ltx/chain_check.h"

#include <algorithm>
#include <utility>

#include "formats/base/text.h"

namespace litetool {

void ChainCheck::Sums::clear(std::size_t images) {
  steps.assign(images, 0);
  base = 0;
  end = 0;
  missing.reset();
}

ChainCheck::ChainCheck(std::vector<ImageRef> images, Pgno base_pages)
    : images_(std::move(images)), base_pages_(base_pages) {
  LT_CHECK(!images_.empty());
  least_commit_ = images_.front().header.commit;
  for (const ImageRef& r : images_) least_commit_ = std::min(least_commit_, r.header.commit);
  sums_.clear(images_.size());
}

bool ChainCheck::visit(Pgno pgno, Checksum base, std::span<const Version> versions,
                       Sums& sums) const {
  bool present = pgno <= base_pages_;
  std::uint64_t current = present ? base.value : 0;
  sums.base ^= current;
  std::size_t next = 0;  // the first image not yet looked at
  const auto pass_to = [&](std::size_t image) {
    for (; pgno > least_commit_ && present && next < image; ++next) {
      if (pgno <= images_[next].header.commit) continue;
      sums.steps[next] ^= current;
      current = 0;
      present = false;
    }
    next = image;
  };
  for (const Version& v : versions) {
    pass_to(v.image);
    sums.steps[v.image] ^= current ^ v.checksum.value;
    current = v.checksum.value;
    present = true;
    next = v.image + 1;
  }
  pass_to(images_.size());
  sums.end ^= current;
  if (!present && pgno <= end_pages() && (!sums.missing || pgno < *sums.missing)) {
    sums.missing = pgno;
  }
  return present;
}

void ChainCheck::add(const Sums& sums) {
  for (std::size_t i = 0; i < images_.size(); ++i) sums_.steps[i] ^= sums.steps[i];
  sums_.base ^= sums.base;
  sums_.end ^= sums.end;
  if (!sums_.missing) sums_.missing = sums.missing;
}

Status ChainCheck::verify(const std::string& base_name) const {
  const ltx::Header& first = images_.front().header;
  const bool checked = first.has_checksums();
  if (checked && !first.is_snapshot() && base_checksum() != first.pre_apply) {
    return Error(Errc::kBrokenChain,
                 base_name + " stands at checksum " + base_checksum().text() + ", but " +
                     images_.front().name() + " applies to " + first.pre_apply.text() +
                     " (see 'litetool ltx list' for the file that starts there)");
  }
  std::uint64_t state = sums_.base;
  for (std::size_t i = 0; checked && i < images_.size(); ++i) {
    state ^= sums_.steps[i];
    if (as_checksum(state) == images_[i].trailer.post_apply) continue;
    return Error(Errc::kCorrupt, images_[i].name() + ": the database has the checksum " +
                                     as_checksum(state).text() + " after it, its trailer says " +
                                     images_[i].trailer.post_apply.text());
  }
  if (sums_.missing) {
    return Error(Errc::kBrokenChain,
                 format("page %u is missing: the database grew over it and no file holds it",
                        *sums_.missing));
  }
  return {};
}

}  // namespace litetool
