#include "core/rows/page_vfs.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <new>

#include "formats/sqlite/file_header.h"

namespace litetool {
namespace {

// What SQLite holds for an open database. Temporary files of the default VFS share the room.
struct PagesFile {
  sqlite3_file base;
  PageVfs* vfs;
  PageSource* pages;
};

PagesFile& self(sqlite3_file* file) {
  return *reinterpret_cast<PagesFile*>(file);
}
PageVfs& self(sqlite3_vfs* vfs) {
  return *static_cast<PageVfs*>(vfs->pAppData);
}

int close(sqlite3_file*) {
  return SQLITE_OK;
}

// Any run of bytes, page by page; zeros behind the end, as SQLite wants it.
int read(sqlite3_file* file, void* out, int amount, sqlite3_int64 at) {
  PagesFile& f = self(file);
  MutableBytes rest(static_cast<std::byte*>(out), static_cast<std::size_t>(amount));
  const std::uint64_t page_size = f.pages->page_size();
  auto offset = static_cast<std::uint64_t>(at);
  while (!rest.empty()) {
    const std::uint64_t index = page_size == 0 ? 0 : offset / page_size;
    if (index >= f.pages->page_count()) {
      std::ranges::fill(rest, std::byte{0});
      return SQLITE_IOERR_SHORT_READ;
    }
    const auto page = f.pages->page(static_cast<Pgno>(index + 1));
    if (!page) {
      f.vfs->set_error(page.error());
      return page.error().code == Errc::kInterrupted ? SQLITE_INTERRUPT : SQLITE_IOERR_READ;
    }
    const Bytes part = page->subspan(static_cast<std::size_t>(offset % page_size));
    const std::size_t n = std::min(part.size(), rest.size());
    std::copy_n(part.begin(), n, rest.begin());
    rest = rest.subspan(n);
    offset += n;
  }
  return SQLITE_OK;
}

int write(sqlite3_file*, const void*, int, sqlite3_int64) {
  return SQLITE_READONLY;
}
int truncate(sqlite3_file*, sqlite3_int64) {
  return SQLITE_READONLY;
}
int sync(sqlite3_file*, int) {
  return SQLITE_OK;
}
int file_size(sqlite3_file* file, sqlite3_int64* size) {
  const PageSource& pages = *self(file).pages;
  *size = static_cast<sqlite3_int64>(std::uint64_t{pages.page_size()} * pages.page_count());
  return SQLITE_OK;
}
int lock(sqlite3_file*, int) {
  return SQLITE_OK;
}
int check_reserved_lock(sqlite3_file*, int* locked) {
  *locked = 0;
  return SQLITE_OK;
}
int file_control(sqlite3_file*, int, void*) {
  return SQLITE_NOTFOUND;
}
int sector_size(sqlite3_file*) {
  return 4096;
}
int device_characteristics(sqlite3_file*) {
  return SQLITE_IOCAP_IMMUTABLE;
}

const sqlite3_io_methods& methods() {
  static const sqlite3_io_methods kMethods = [] {
    sqlite3_io_methods m{};
    m.iVersion = 1;
    m.xClose = close;
    m.xRead = read;
    m.xWrite = write;
    m.xTruncate = truncate;
    m.xSync = sync;
    m.xFileSize = file_size;
    m.xLock = lock;
    m.xUnlock = lock;
    m.xCheckReservedLock = check_reserved_lock;
    m.xFileControl = file_control;
    m.xSectorSize = sector_size;
    m.xDeviceCharacteristics = device_characteristics;
    return m;
  }();
  return kMethods;
}

int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  PageVfs& v = self(vfs);
  if (name == nullptr) return v.base().xOpen(&v.base(), name, file, flags, out_flags);
  file->pMethods = nullptr;
  PageSource* pages = v.find(name);
  if (pages == nullptr || (flags & SQLITE_OPEN_MAIN_DB) == 0) return SQLITE_CANTOPEN;
  new (file) PagesFile{{&methods()}, &v, pages};
  if (out_flags != nullptr) *out_flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_MAIN_DB;
  return SQLITE_OK;
}

int full_pathname(sqlite3_vfs*, const char* name, int size, char* out) {
  if (std::strlen(name) >= static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
  std::strcpy(out, name);
  return SQLITE_OK;
}

// No journal, no log.
int access(sqlite3_vfs*, const char*, int, int* there) {
  *there = 0;
  return SQLITE_OK;
}
int remove(sqlite3_vfs*, const char*, int) {
  return SQLITE_READONLY;
}

}  // namespace

// The rest (time, randomness) is the default VFS's own; what it needs of its data it finds there,
// as the default VFS of Unix uses its pAppData for files only.
PageVfs::PageVfs() : base_(sqlite3_vfs_find(nullptr)), vfs_(*base_) {
  static std::atomic<unsigned> count{0};
  name_ = "litetool-pages-" + std::to_string(count++);
  vfs_.iVersion = 1;
  vfs_.szOsFile = std::max(base_->szOsFile, static_cast<int>(sizeof(PagesFile)));
  vfs_.pNext = nullptr;
  vfs_.zName = name_.c_str();
  vfs_.pAppData = this;
  vfs_.xOpen = open;
  vfs_.xDelete = remove;
  vfs_.xAccess = access;
  vfs_.xFullPathname = full_pathname;
  sqlite3_vfs_register(&vfs_, 0);
}

PageVfs::~PageVfs() {
  sqlite3_vfs_unregister(&vfs_);
}

PageSource* PageVfs::find(const char* file) const {
  const auto found = sources_.find(file);
  return found == sources_.end() ? nullptr : found->second;
}

}  // namespace litetool
