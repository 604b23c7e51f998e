// What a database is, read from its files without any code of litetool's: the yardstick.
#pragma once

#include <string>
#include <vector>

#include "formats/base/bytes.h"
#include "formats/base/ids.h"

namespace litetool::test {

// The committed bytes of a database that nobody is writing to: the file, and over it the frames of
// its WAL up to the last published commit (up to the last commit frame where there is no -shm).
Buffer committed_bytes(const std::string& path);

// All states in a history, from the first transaction on, in order; an empty one where the database
// had been dropped. `directory` is the mounted one, `database` relative to it.
std::vector<Buffer> states_in_history(const std::string& directory, const std::string& database);
Buffer state_at(const std::string& directory, const std::string& database, Txid txid);

// Whether the newest state in a history is `file`, page by page: for what is too large for memory.
bool ends_at_file(const std::string& directory, const std::string& database,
                  const std::string& file);

// Bytes that each transaction takes in the history, in order.
std::vector<std::uint64_t> image_sizes(const std::string& directory, const std::string& database);

// Pages that each transaction has in the history, in order.
std::vector<std::vector<Pgno>> image_pages(const std::string& directory,
                                           const std::string& database);

// The pages of `after` that are not as in `before`, ascending.
std::vector<Pgno> differing_pages(const Buffer& before, const Buffer& after, std::size_t page_size);

// Without repetitions of the same state in a row.
std::vector<Buffer> distinct(std::vector<Buffer> states);

}  // namespace litetool::test
