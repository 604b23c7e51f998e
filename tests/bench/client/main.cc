// A SQLite program whose work is timed, for scripts/bench mount.
//
//   bench_sqlite_client DIR SECONDS TEST...
//
// Prints one JSON line per figure. What the tests are stands in workloads.h. Each test proves its
// result; a wrong one ends the program with 1.
#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "tests/bench/client/database.h"
#include "tests/bench/client/workloads.h"

namespace bench {
namespace {

struct Workload {
  const char* prefix;
  void (*run)(const Run&);
};

// The first prefix that fits decides.
constexpr Workload kWorkloads[] = {
    {"wal_", commits}, {"del_", commits},     {"trunc_", commits}, {"pers_", commits},
    {"rd_", reads},    {"scan", scans},       {"bulk_", bulk},     {"vac_", vacuum},
    {"open_", opens},  {"conc", concurrent},  {"lag_", lag},       {"hold_", hold},
    {"busy_", busy},   {"tiny_", tiny_pages},
};

}  // namespace

void Stopwatch::lap() {
  const auto now = Clock::now();
  micros_.push_back(std::chrono::duration<double, std::micro>(now - last_).count());
  elapsed_s_ = std::chrono::duration<double>(now - start_).count();
  last_ = now;
}

void Stopwatch::print(const std::string& test, double units) {
  print_figures(test, elapsed_s_, units, micros_);
}

void print_figures(const std::string& test, double seconds, double units,
                   std::vector<double> micros) {
  std::ranges::sort(micros);
  const std::size_t n = micros.size();
  std::printf(
      "{\"test\":\"%s\",\"count\":%zu,\"seconds\":%.6f,\"per_s\":%.3f,\"p50_us\":%.1f,"
      "\"p99_us\":%.1f}\n",
      test.c_str(), n, seconds, static_cast<double>(n) * units / seconds, micros[n / 2],
      micros[n * 99 / 100]);
  std::fflush(stdout);
}

}  // namespace bench

int main(int argc, char** argv) {
  if (argc < 4) {
    std::fputs("usage: bench_sqlite_client DIR SECONDS TEST...\n", stderr);
    return 2;
  }
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  for (int i = 3; i < argc; ++i) {
    const bench::Run run{argv[i], argv[1], std::strtod(argv[2], nullptr)};
    const auto found = std::ranges::find_if(
        bench::kWorkloads, [&](const auto& w) { return run.test.starts_with(w.prefix); });
    if (found == std::end(bench::kWorkloads)) {
      std::fprintf(stderr, "bench_sqlite_client: no such test: %s\n", argv[i]);
      return 2;
    }
    found->run(run);
  }
  return 0;
}
