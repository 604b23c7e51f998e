// SQLite reading pages that are in no file: a VFS whose databases are PageSources.
//
// They are immutable to SQLite: no locks, no journals, no logs. Temporary files, for sorting, are
// those of the default VFS.
#pragma once

#include <sqlite3.h>

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "core/past/page_source.h"

namespace litetool {

class PageVfs {
 public:
  // Registers itself under a name of its own.
  PageVfs();
  ~PageVfs();
  PageVfs(const PageVfs&) = delete;
  PageVfs& operator=(const PageVfs&) = delete;

  const char* name() const { return name_.c_str(); }
  // What SQLite opens by this name; both outlive every connection.
  void add(const std::string& file, PageSource& pages) { sources_[file] = &pages; }
  // nullptr when there is no such file.
  PageSource* find(const char* file) const;
  // Why a page could not be had, since the last call; SQLite itself only says "disk I/O error".
  std::optional<Error> take_error() { return std::exchange(error_, std::nullopt); }
  void set_error(Error error) { error_ = std::move(error); }
  sqlite3_vfs& base() const { return *base_; }

 private:
  std::string name_;
  sqlite3_vfs* base_;  // the default one
  sqlite3_vfs vfs_{};
  std::map<std::string, PageSource*> sources_;
  std::optional<Error> error_;
};

}  // namespace litetool
