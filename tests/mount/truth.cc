#include "mount/truth.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "core/history/history_reader.h"
#include "core/history/layout.h"
#include "core/history/replay.h"
#include "formats/ltx/frame_reader.h"

namespace litetool::test {
namespace {

Buffer file_bytes(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  const std::string s((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const Bytes b = as_bytes(s);
  return Buffer(b.begin(), b.end());
}

struct Frame {
  std::uint32_t pgno;
  std::uint32_t commit;
  std::size_t page_at;
};

// Frames of the present generation, up to the published one.
std::vector<Frame> frames_of(const Buffer& wal, const Buffer& shm, std::size_t page_size) {
  std::vector<Frame> frames;
  std::size_t limit = SIZE_MAX;
  if (shm.size() >= 136) limit = load<std::uint32_t>(shm.data() + 16);
  for (std::size_t at = 32; at + 24 + page_size <= wal.size() && frames.size() < limit;
       at += 24 + page_size) {
    // What is published counts: SQLite 3.40 leaves frames without salts after ROLLBACK TO.
    if (limit == SIZE_MAX && !std::equal(wal.begin() + 16, wal.begin() + 24,
                                         wal.begin() + static_cast<std::ptrdiff_t>(at) + 8)) {
      break;
    }
    frames.push_back({load_be<std::uint32_t>(wal.data() + at),
                      load_be<std::uint32_t>(wal.data() + at + 4), at + 24});
  }
  while (!frames.empty() && frames.back().commit == 0) frames.pop_back();
  return frames;
}

}  // namespace

Buffer committed_bytes(const std::string& path) {
  Buffer file = file_bytes(path);
  const Buffer wal = file_bytes(path + "-wal");
  if (wal.size() < 32) return file;
  const std::size_t page_size = load_be<std::uint32_t>(wal.data() + 8);
  const std::vector<Frame> frames = frames_of(wal, file_bytes(path + "-shm"), page_size);
  if (frames.empty()) return file;
  file.resize(std::max(file.size(), frames.back().commit * page_size));
  // A frame counts only if its page is still in the database when it is read: sizes go up and down.
  for (const Frame& frame : frames) {
    const std::size_t to = (frame.pgno - 1) * page_size;
    if (to + page_size > file.size()) file.resize(to + page_size);
    std::copy_n(wal.begin() + static_cast<std::ptrdiff_t>(frame.page_at), page_size,
                file.begin() + static_cast<std::ptrdiff_t>(to));
  }
  file.resize(frames.back().commit * page_size);
  return file;
}

namespace {

Buffer state_of(const HistoryReader& reader, const HistoryImage& image) {
  if (image.commit == 0) return {};
  const auto chain = reader.chain_to(image.max_txid);
  INFO((chain ? "" : chain.error().text()));
  REQUIRE(chain);
  Buffer state(std::size_t{image.commit} * image.page_size);
  const Status replayed = replay(reader, *chain, [&](Pgno pgno, Bytes page, Checksum) -> Status {
    std::ranges::copy(page, state.begin() + static_cast<std::ptrdiff_t>((pgno - 1) * page.size()));
    return {};
  });
  INFO((replayed ? "" : replayed.error().text()));
  REQUIRE(replayed);
  return state;
}

HistoryReader open_history(const std::string& directory, const std::string& database) {
  auto reader =
      HistoryReader::open(posix_env(), kCwd, history_folder_of(directory + "/.litetool", database));
  INFO((reader ? "" : reader.error().text()));
  REQUIRE(reader);
  return *std::move(reader);
}

}  // namespace

std::vector<Buffer> states_in_history(const std::string& directory, const std::string& database) {
  const HistoryReader reader = open_history(directory, database);
  std::vector<Buffer> states;
  for (const HistoryImage& image : reader.images()) states.push_back(state_of(reader, image));
  return states;
}

Buffer state_at(const std::string& directory, const std::string& database, Txid txid) {
  const HistoryReader reader = open_history(directory, database);
  for (const HistoryImage& image : reader.images()) {
    if (image.max_txid == txid) return state_of(reader, image);
  }
  FAIL("no transaction " << txid.text());
  return {};
}

bool ends_at_file(const std::string& directory, const std::string& database,
                  const std::string& file) {
  const HistoryReader reader = open_history(directory, database);
  REQUIRE_FALSE(reader.images().empty());
  const HistoryImage& last = reader.images().back();
  const auto chain = reader.chain_to(last.max_txid);
  REQUIRE(chain);
  const auto live = posix_env().open(kCwd, file, OpenMode::kRead);
  REQUIRE(live);
  if ((*live)->size() != std::uint64_t{last.commit} * last.page_size) return false;
  Buffer page(last.page_size);
  bool equal = true;
  const Status replayed = replay(reader, *chain, [&](Pgno pgno, Bytes bytes, Checksum) -> Status {
    LT_TRY((*live)->read_exact(page, std::uint64_t{pgno - 1} * last.page_size));
    equal = equal && std::ranges::equal(bytes, page);
    return {};
  });
  INFO((replayed ? "" : replayed.error().text()));
  REQUIRE(replayed);
  return equal;
}

std::vector<std::uint64_t> image_sizes(const std::string& directory, const std::string& database) {
  const HistoryReader reader = open_history(directory, database);
  std::vector<std::uint64_t> sizes;
  for (const HistoryImage& image : reader.images()) sizes.push_back(image.size);
  return sizes;
}

std::vector<std::vector<Pgno>> image_pages(const std::string& directory,
                                           const std::string& database) {
  const HistoryReader reader = open_history(directory, database);
  std::vector<std::vector<Pgno>> all;
  for (const HistoryImage& image : reader.images()) {
    const auto file = reader.file_of(image);
    REQUIRE(file);
    auto frames = ltx::FrameReader::open(**file, ltx::Variant::kV3Block, image.offset);
    REQUIRE(frames);
    all.emplace_back();
    ltx::FrameBatch batch;
    for (auto more = frames->read_batch(batch); more && *more; more = frames->read_batch(batch)) {
      for (const ltx::Frame& frame : batch.frames()) all.back().push_back(frame.pgno);
    }
  }
  return all;
}

std::vector<Pgno> differing_pages(const Buffer& before, const Buffer& after,
                                  std::size_t page_size) {
  std::vector<Pgno> pages;
  for (std::size_t at = 0; at < after.size(); at += page_size) {
    const Bytes old = Bytes(before).subspan(std::min(at, before.size()));
    const bool same = std::ranges::equal(old.first(std::min(old.size(), page_size)),
                                         Bytes(after).subspan(at, page_size));
    if (!same) pages.push_back(static_cast<Pgno>(at / page_size + 1));
  }
  return pages;
}

std::vector<Buffer> distinct(std::vector<Buffer> states) {
  states.erase(std::unique(states.begin(), states.end()), states.end());
  return states;
}

}  // namespace litetool::test
