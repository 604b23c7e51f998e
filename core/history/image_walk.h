// The images of the history of one database one by one, the newest first, without reading more of
// it than that takes.
//
// Works on a folder that a mount is appending to and compacting at the same time: files that follow
// on from one another, and for a while those that compaction has replaced, in which the same
// transactions stand one by one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/history/file_images.h"
#include "core/os/job.h"

namespace litetool {

class ImageWalk {
 public:
  // `folder` is absolute or relative to the working directory. Files that only have what is behind
  // `newest` are passed over, and a file is read when it is reached; one that compaction has
  // replaced and removed until then is made up for.
  static Result<ImageWalk> open(const Job& job, const std::string& folder, Txid newest = kLastTxid);

  // Of the images that are left the one that ends last, of several the narrowest; nothing behind
  // the oldest. Its `file` is 0. kCorrupt, with the file, where that cannot be walked.
  Result<std::optional<HistoryImage>> next();
  // The same, but an image within one that was given is passed over: it was merged into that one,
  // or out of it.
  Result<std::optional<HistoryImage>> next_step();
  // The file of the image that was given last.
  const std::string& path() const { return path_; }

 private:
  struct ClosedFile {
    std::string path;
    Txid last;  // no image ends later
  };
  struct OpenFile {
    std::string path;
    FileImages images;
    std::optional<HistoryImage> head;
  };

  ImageWalk(const Job& job, std::string folder) : job_(job), folder_(std::move(folder)) {}
  Status list(Txid newest);
  Status open_one();
  // Files were merged or dropped meanwhile: goes on in what holds their images now.
  Status list_again();
  bool was_given(const HistoryImage& image) const;
  static Status advance(OpenFile& file);

  Job job_;
  std::string folder_;
  Txid newest_;
  int listings_ = 0;
  std::vector<ClosedFile> closed_;  // the newest at the end
  std::vector<OpenFile> open_;
  std::string path_;
  std::optional<HistoryImage> given_;      // the last one
  std::uint64_t limit_ = kLastTxid.value;  // steps end before it
};

}  // namespace litetool
