// LTX files of any variant in any order, from several levels of compaction perhaps, as a history.
//
// A state can be had when a file ends there and files lead to it from a snapshot on, without a
// hole. As Litestream does, a chain starts with the last snapshot at or before its goal and goes on
// in the largest steps: files of different levels overlap, and each step may begin within what the
// steps before it cover.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/source/history_source.h"

namespace litetool {

// All LTX files in the folders, and the files, that are named.
Result<std::unique_ptr<HistorySource>> open_ltx_files(const Job& job,
                                                      const std::vector<std::string>& paths);

// The same for images that are known; the pure part of it.
std::unique_ptr<HistorySource> make_ltx_source(std::vector<ImageRef> images);

}  // namespace litetool
