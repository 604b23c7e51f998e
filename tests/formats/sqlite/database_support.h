// Whole databases in memory, looked at through a DatabaseView.
#pragma once

#include <memory>
#include <string>

#include "formats/sqlite/page_lookup.h"
#include "tests/support/sqlite_session.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {

// A view over `file`, which outlives it. Fails the test when the header does not decode.
inline DatabaseView view_of(const Buffer& file) {
  const Result<FileHeader> header = decode_file_header(file);
  REQUIRE(header);
  DatabaseView view;
  view.header = *header;
  view.size_pages = static_cast<std::uint32_t>(file.size() / header->page_size);
  view.lookup = [&file, size = header->page_size](Pgno pgno) -> Result<Bytes> {
    return Bytes(file).subspan((std::size_t{pgno} - 1) * size, size);
  };
  return view;
}

// The file that SQLite makes of these statements.
inline Buffer database(const std::string& sql) {
  const TempDir dir;
  {
    SqliteSession db(dir.file("a.db"));
    db.exec(sql);
  }
  return read_file(dir.file("a.db"));
}

}  // namespace litetool::test
