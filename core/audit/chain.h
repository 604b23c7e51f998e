// The rules between LTX images: does one follow on from the other, and is a folder of them whole?
//
// TXIDs are contiguous; the pre-apply checksum is the post-apply checksum of the state before; the
// page size stays, unless a snapshot starts anew; a file that lets the database grow holds every
// new page; a file without pages changes nothing. The images of one folder are one chain. Parts of
// it may overlap only where they are of different levels (a range and a segment), or where one is a
// snapshot. A TXID has one checksum, whoever says so: two of them are two histories.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/ltx/image_scan.h"
#include "formats/base/ids.h"

namespace litetool {

// One image, or a run of images that follow on from each other in one segment.
struct ChainLink {
  std::string file;                       // for messages
  std::optional<std::uint64_t> offset{};  // of the image in a segment
  bool segment = false;
  bool known = true;            // false: damaged, and only the range is known, from its name
  std::uint32_t page_size = 0;  // of the last image
  bool has_checksums = true;
  Txid min;
  Txid max;
  Checksum pre_apply;
  Checksum post_apply;
  Pgno commit = 0;
  // Of the first image of the run. A snapshot in it may change the page size.
  std::uint32_t first_page_size = 0;
  Checksum first_post_apply;
  Pgno first_commit = 0;
  std::uint64_t first_page_count = 0;
  std::uint64_t first_tail_run = 1;  // see ImageReport

  bool is_snapshot() const { return min.value == 1; }
};

ChainLink make_link(std::string file, const ImageReport& report);
// A damaged file that is only known by its name.
ChainLink make_unknown_link(std::string file, Txid min, Txid max);

struct ChainProblem {
  std::size_t link = 0;  // index of the link that does not fit
  Errc code = Errc::kBrokenChain;
  std::string text;
};

// Does `next` follow on from `previous`, TXIDs included? Nothing if it does.
std::optional<ChainProblem> check_follows(const ChainLink& previous, const ChainLink& next);
// Adds an image to the run of a segment, whether it follows on or not.
void extend_link(ChainLink& run, const ChainLink& next);

// The order of a chain: by first TXID, then by last.
bool chain_order(const ChainLink& a, const ChainLink& b);
void sort_chain(std::vector<ChainLink>& links);
// All that does not fit in a sorted chain, in its order.
std::vector<ChainProblem> check_chain(std::span<const ChainLink> links);

}  // namespace litetool
