// Where all histories of a mounted directory lie: DIR/.litetool, or the place that was given.
#pragma once

#include <string>
#include <string_view>

#include "core/history/layout.h"

namespace litetool {

struct HistoryRoot {
  int dir;                                           // outlives this
  std::string folder = std::string(kHistoryFolder);  // relative to `dir`, and how messages name it
  bool is_apart = false;                             // it does not lie in the directory whose it is

  std::string file(std::string_view name) const { return folder + "/" + std::string(name); }
  // Of one database, relative to `dir`.
  std::string folder_of(std::string_view database_path) const {
    return history_folder_of(folder, database_path);
  }
};

}  // namespace litetool
