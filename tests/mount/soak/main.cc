// What scripts/soak runs: clients, recordings at quiet moments, and the comparison at the end.
//
//   soak_client work DATA LOGS SEED     clients that take turns, until SIGTERM
//   soak_client free DATA LOGS SEED     clients that do not
//   soak_client turns DATA LOGS SEED    one client: some turns, always the same, then it kills
//   itself soak_client record DATA LOGS        records every database; nobody else may be at work
//   soak_client check DATA LOGS         compares all histories with what was recorded
//
// Exit codes: 3 a file operation failed (the mount is gone), 4 something is wrong.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>

#include "soak/check.h"
#include "soak/free_work.h"
#include "soak/session.h"
#include "soak/workload.h"

namespace litetool::soak {
namespace {

constexpr const char* kRecorded[] = {"a.db", "b.db", "sub/c.db"};
constexpr const char* kFree[] = {"free-1.db", "free-2.db"};
constexpr int kThreads = 2;
constexpr int kTurns = 40;
constexpr int kMountGone = 3;
constexpr int kWrong = 4;

std::atomic<bool> stop{false};

// Until it is told to stop; or so many turns, and then it dies.
void take_turns(const Place& place, std::uint64_t seed, std::optional<int> turns = {}) {
  Chance chance(seed);
  Workload workload(place, chance);
  std::vector<std::unique_ptr<Session>> sessions;
  for (const char* name : kRecorded) sessions.push_back(std::make_unique<Session>(place, name));
  const int count = static_cast<int>(sessions.size());
  for (int taken = 0; !stop && (!turns || taken < *turns); ++taken) {
    const int first = chance.below(count);
    Session& session = *sessions[static_cast<std::size_t>(first)];
    if (first + 1 < count && chance.one_in(12)) {
      Session& other = *sessions[static_cast<std::size_t>(first + 1)];
      const Turn one(session.stem());
      const Turn two(other.stem());
      workload.pair(session, other);
    } else {
      const Turn one(session.stem());
      workload.turn(session);
    }
  }
  if (!turns) return;
  Session& last = *sessions[static_cast<std::size_t>(chance.below(count))];
  const Turn turn(last.stem());
  if (chance.one_in(2)) workload.leave_in_the_middle(last);
  ::kill(::getpid(), SIGKILL);
}

// Ends the whole process, as a client that meets a fault does.
template <typename Work>
void guarded(const Place& place, Work work) {
  try {
    work();
  } catch (const SqlError& e) {
    std::fprintf(stderr, "%s\n", e.what());
    const int code = e.code();
    const bool gone = code == SQLITE_IOERR || code == SQLITE_CANTOPEN || code == SQLITE_READONLY ||
                      !can_be_opened(place.data);
    std::_Exit(gone ? kMountGone : kWrong);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
    std::_Exit(kMountGone);
  }
}

int work(const Place& place, std::uint64_t seed, bool freely) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    const std::uint64_t own = seed * 1000 + static_cast<std::uint64_t>(i);
    threads.emplace_back([&, i, own] {
      guarded(place, [&] {
        freely ? work_freely(place, kFree[i % 2], own, stop) : take_turns(place, own);
      });
    });
  }
  for (std::thread& thread : threads) thread.join();
  return 0;
}

std::vector<std::string> ledgers(const Place& place) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(place.logs)) {
    if (entry.path().extension() != ".log") continue;
    const auto name = entry.path().lexically_relative(place.logs).replace_extension("");
    if (!name.string().starts_with("free-")) names.push_back(name);
  }
  return names;
}

void check_acknowledged(const Place& place, const std::string& database) {
  std::ifstream in(place.stem(database) + ".acknowledged");
  long most = 0;
  for (long n = 0; in >> n;) most = std::max(most, n);
  if (most == 0) return;
  const Connection db = open_database(place.file(database));
  const std::string there = value(db.get(), "SELECT max(n) FROM entries");
  if (there.empty() || std::stol(there) < most) {
    throw SqlError(SQLITE_CORRUPT, database + ": entry " + std::to_string(most) +
                                       " was acknowledged, the last one is " + there);
  }
}

void record_one(const Place& place, const std::string& name, bool free) {
  {
    Session session(place, name);
    const Turn turn(session.stem());
    session.recover();
    if (free) check_acknowledged(place, name);
    session.record("quiet");
  }
  if (!std::filesystem::exists(place.file(name)) ||
      std::filesystem::file_size(place.file(name)) == 0) {
    return;
  }
  const Connection db = open_database(place.file(name));
  const std::string sound = value(db.get(), "PRAGMA integrity_check(1)");
  if (sound != "ok") throw SqlError(SQLITE_CORRUPT, name + ": " + sound);
}

int record(const Place& place) {
  guarded(place, [&] {
    for (const std::string& name : ledgers(place)) record_one(place, name, false);
    for (const char* name : kFree) record_one(place, name, true);
  });
  return 0;
}

int report(const std::string& name, const Verdict& verdict) {
  std::printf("%s: %d transactions (%d marked), %d recorded states, %d merged, %zu faults\n",
              name.c_str(), verdict.transactions, verdict.marked, verdict.recorded, verdict.merged,
              verdict.faults.size());
  constexpr std::size_t kShown = 5;
  for (std::size_t i = 0; i < std::min(kShown, verdict.faults.size()); ++i) {
    std::printf("  %s: %s\n", name.c_str(), verdict.faults[i].c_str());
  }
  return verdict.faults.empty() ? 0 : kWrong;
}

int check(const Place& place) {
  int code = 0;
  for (const std::string& name : ledgers(place)) code |= report(name, check_recorded(place, name));
  for (const char* name : kFree) code |= report(name, check_free(place, name));
  return code;
}

int run(int argc, char** argv) {
  if (argc < 4) return 2;
  const std::string what = argv[1];
  const Place place{argv[2], argv[3]};
  struct sigaction action {};
  action.sa_handler = [](int) { stop = true; };
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGTERM, &action, nullptr);
  const std::uint64_t seed = argc > 4 ? std::stoull(argv[4]) : 1;
  if (what == "work" || what == "free") return work(place, seed, what == "free");
  if (what == "turns") {
    guarded(place, [&] { take_turns(place, seed, kTurns); });
    return kWrong;
  }
  if (what == "record") return record(place);
  if (what == "check") return check(place);
  return 2;
}

}  // namespace
}  // namespace litetool::soak

int main(int argc, char** argv) {
  return litetool::soak::run(argc, argv);
}
