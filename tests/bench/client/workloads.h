// The workloads of the benchmark client, by the names that scripts/bench mount knows. Each works on
// databases in `folder` for about `seconds` and prints its figures.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace bench {

using Clock = std::chrono::steady_clock;

struct Run {
  std::string test;    // as it was asked for, and as it is printed
  std::string folder;  // where the databases are
  double seconds;      // how long to go on; work of a fixed size takes what it takes
};

// One JSON line: test, count, seconds, per_s (`units` for each operation), p50_us, p99_us of
// `micros`, of which there is one or more.
void print_figures(const std::string& test, double seconds, double units,
                   std::vector<double> micros);

// Times one operation after another.
class Stopwatch {
 public:
  // Calls `operation` until the time is up; each call counts as one.
  template <typename Operation>
  void repeat(double seconds, Operation operation) {
    while (elapsed_s_ < seconds) {
      operation();
      lap();
    }
  }
  void lap();

  double elapsed_s() const { return elapsed_s_; }
  std::size_t count() const { return micros_.size(); }

  // As print_figures does.
  void print(const std::string& test, double units = 1);

 private:
  Clock::time_point start_ = Clock::now(), last_ = start_;
  double elapsed_s_ = 0;
  std::vector<double> micros_;
};

// wal_S, del_S, trunc_S, pers_S (S = FULL, NORMAL, OFF): autocommit statements on w.db, alternately
// an UPDATE of a random row of 50 000 and an INSERT, of 100 bytes each.
void commits(const Run& run);

// On a database of 600 000 rows of 400 bytes, made once (bigw.db in WAL mode, bigd.db in DELETE):
// rd_wal, rd_del: a random row in autocommit; with _txn in one transaction, with _mm that and
// mapped; rd_wal_ne: beside a connection that keeps frames in the WAL. scan, scan_mm: every row
// once.
void reads(const Run& run);
void scans(const Run& run);

// bulk_wal, bulk_del: a million rows of 100 bytes in one transaction. vac_wal, vac_del: VACUUM of
// 600 000 rows of 400 bytes. Once each.
void bulk(const Run& run);
void vacuum(const Run& run);

// open_wal, open_del: open, read a row, close.
void opens(const Run& run);

// conc: 2 writer processes that move amounts between rows and 2 reader processes that must see the
// same sum always. Prints conc_writers and conc_readers.
void concurrent(const Run& run);

// lag_full, lag_paced: commits in WAL mode at full speed or with pauses; the figures are not of the
// commits, but of the time from each to its place in the history. Only in a mount.
void lag(const Run& run);

// hold_N: makes N small databases in WAL mode, opens all, prints a line and keeps them open and
// untouched until standard input ends.
void hold(const Run& run);

// busy_N: the same, and commits to each of them in turn, a millisecond apart.
void busy(const Run& run);

// tiny_N: a database of about N pages of 512 bytes, kept open until standard input ends.
void tiny_pages(const Run& run);

}  // namespace bench
