// Reading the history of one database: all its images in order, wherever they stand.
//
// Works on a folder that a mount is appending to at the same time: an image that is being written
// is not seen yet.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/history/history_image.h"
#include "core/os/env.h"

namespace litetool {

class HistoryReader {
 public:
  // kNotFound when the folder does not exist; kCorrupt, with file and offset, when one of its files
  // cannot be walked. Reads headers, indexes and trailers, no pages, and no files that only have
  // what is behind `newest`. `env` outlives the reader.
  static Result<HistoryReader> open(Env& env, int dir, const std::string& folder,
                                    Txid newest = kLastTxid);

  // Paths relative to `dir`.
  const std::vector<std::string>& files() const { return files_; }
  // Ascending by last TXID, the wider range first where two end at the same.
  const std::vector<HistoryImage>& images() const { return images_; }

  // The images from which the database at `txid` is made: a snapshot, then one after another, each
  // following on the one before. kNotFound when no image ends there, kBrokenChain when the way back
  // to a snapshot has a gap.
  Result<std::vector<HistoryImage>> chain_to(Txid txid) const;

  // The file of an image, opened once and kept.
  Result<const File*> file_of(const HistoryImage& image) const;

 private:
  HistoryReader(Env& env, int dir) : env_(&env), dir_(dir) {}

  Env* env_;
  int dir_;
  std::vector<std::string> files_;
  mutable std::vector<std::unique_ptr<File>> open_;
  std::vector<HistoryImage> images_;
};

// Names of the files with images in a history folder, in order of their last TXIDs; none when the
// folder does not exist.
Result<std::vector<std::string>> history_files(Env& env, int dir, const std::string& folder);

// The images of one of them, in order, each `file` 0. kCorrupt, with path and offset, where it
// cannot be walked or has not what its name says.
Result<std::vector<HistoryImage>> read_history_file(Env& env, int dir, const std::string& folder,
                                                    const std::string& name);

// Where the complete images of a file end, and the last of them, verified in full, or, when the
// file is known to be as it was `left`, found by its index alone. A prepared image behind them is
// neither complete nor torn; torn is what stands behind that, or behind them.
struct HistoryFileEnd {
  std::optional<HistoryImage> last;
  ltx::Header header;
  std::uint64_t torn_from = 0;  // an offset
  std::uint64_t torn_bytes = 0;
  std::optional<HistoryImage> prepared;
  ltx::Header prepared_header;
};
enum class FoundFile : std::uint8_t { kUnknown, kAsLeft, kAfterPowerCut };
Result<HistoryFileEnd> find_last_image(Env& env, int dir, const std::string& path, FoundFile found);

}  // namespace litetool
