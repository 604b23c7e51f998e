// bench_long_history DIR N: makes DIR/app.db and its history of N transactions in DIR/.litetool.
//
// Each transaction is what SQLite would have written in rollback mode for an update of one row: the
// page with the row, and the first page with the change counter.
#include <sqlite3.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "core/capture/transaction_encoder.h"
#include "core/history/history.h"
#include "core/history/layout.h"
#include "formats/base/crc64.h"

namespace litetool {
namespace {

constexpr std::uint32_t kPageSize = 4096;
constexpr std::string_view kMark = "number ";  // stands before the digits that are updated
constexpr int kDigits = 8;

constexpr const char* kBase = R"(
  PRAGMA page_size = 4096;
  CREATE TABLE item(id INTEGER PRIMARY KEY, body TEXT);
  CREATE TABLE other(id INTEGER PRIMARY KEY, body TEXT);
  CREATE INDEX item_body ON item(substr(body, 20, 10));
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
    INSERT INTO item SELECT i, printf('number %08d, row %d of the items ', 0, i) ||
      hex(zeroblob(500)) FROM n;
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
    INSERT INTO other SELECT i, printf('number %08d, row %d of the others ', 0, i) ||
      hex(zeroblob(500)) FROM n;
)";

[[noreturn]] void fail(const std::string& why) {
  std::fprintf(stderr, "bench_long_history: %s\n", why.c_str());
  std::exit(1);
}

template <typename T>
T need(Result<T> result) {
  if (!result) fail(result.error().text());
  return *std::move(result);
}

void need(const Status& status) {
  if (!status) fail(status.error().text());
}

void make_base(const std::string& path) {
  sqlite3* db = nullptr;
  const bool made = sqlite3_open(path.c_str(), &db) == SQLITE_OK &&
                    sqlite3_exec(db, kBase, nullptr, nullptr, nullptr) == SQLITE_OK;
  if (!made) fail(path + ": " + sqlite3_errmsg(db));
  sqlite3_close(db);
}

class Maker {
 public:
  Maker(const std::string& folder, Buffer database)
      : database_(std::move(database)),
        history_(need(History::open(posix_env(), kCwd, folder, 1, [](const std::string&) {}, {}))) {
    find_rows();
  }

  void run(std::uint64_t transactions) {
    std::vector<Pgno> all;
    for (Pgno pgno = 1; pgno <= page_count(); ++pgno) all.push_back(pgno);
    append(all);
    for (std::uint64_t n = 2; n <= transactions; ++n) update(n);
    need(history_.sync());
  }

  const Buffer& database() const { return database_; }

 private:
  Pgno page_count() const { return static_cast<Pgno>(database_.size() / kPageSize); }
  MutableBytes page(Pgno pgno) {
    return MutableBytes(database_).subspan(std::size_t{pgno - 1} * kPageSize, kPageSize);
  }

  // One row a page, by where its digits are.
  void find_rows() {
    for (Pgno pgno = 2; pgno <= page_count(); ++pgno) {
      const MutableBytes bytes = page(pgno);
      const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      const std::size_t at = text.find(kMark);
      if (at != std::string_view::npos) rows_.emplace_back(pgno, at + kMark.size());
    }
    if (rows_.empty()) fail("the base has no rows");
  }

  void update(std::uint64_t n) {
    const auto& [pgno, at] = rows_[n * 7919 % rows_.size()];
    char digits[kDigits + 1];
    std::snprintf(digits, sizeof digits, "%08llu",
                  static_cast<unsigned long long>(n % 100'000'000));
    std::memcpy(page(pgno).data() + at, digits, kDigits);
    constexpr std::size_t kChangeCounter = 24;
    constexpr std::size_t kVersionValidFor = 92;
    for (const std::size_t counter : {kChangeCounter, kVersionValidFor}) {
      store_be(page(1).data() + counter, static_cast<std::uint32_t>(n));
    }
    append({1, pgno});
  }

  void append(std::vector<Pgno> pages) {
    Transaction transaction;
    transaction.page_size = kPageSize;
    transaction.commit = page_count();
    transaction.pages = std::move(pages);
    transaction.read = [&](std::size_t, Pgno pgno, MutableBytes) -> Result<Bytes> {
      return Bytes(page(pgno));
    };
    ltx::Header header;
    header.page_size = kPageSize;
    header.commit = page_count();
    need(history_.append(header, history_.empty(), [&](ltx::Encoder& encoder) -> Result<Checksum> {
      TransactionSums sums;
      LT_TRY(encoder_.add(encoder, transaction, nullptr, sums));
      sums_.resize(page_count());
      for (std::size_t i = 0; i < sums.size(); ++i) {
        Checksum& known = sums_[transaction.pages[i] - 1];
        if (known.present()) total_ = checksum_xor(total_, known);
        total_ = checksum_xor(total_, sums[i]);
        known = sums[i];
      }
      return total_;
    }));
  }

  Buffer database_;
  History history_;
  TransactionEncoder encoder_;
  std::vector<std::pair<Pgno, std::size_t>> rows_;
  std::vector<Checksum> sums_;  // by page number - 1
  Checksum total_ = kEmptyDatabase;
};

void run(const std::string& folder, std::uint64_t transactions) {
  const std::string database = folder + "/app.db";
  make_base(database);
  const auto file = need(posix_env().open(kCwd, database, OpenMode::kReadWrite));
  Buffer bytes(file->size());
  need(file->read_exact(bytes, 0));
  Maker maker(history_folder_of(folder + "/" + std::string(kHistoryFolder), "app.db"),
              std::move(bytes));
  maker.run(transactions);
  need(file->write_at(maker.database(), 0));
}

}  // namespace
}  // namespace litetool

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: bench_long_history DIR TRANSACTIONS\n");
    return 2;
  }
  litetool::run(argv[1], std::strtoull(argv[2], nullptr, 10));
}
