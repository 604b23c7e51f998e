#include "soak/copies.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "soak/shield.h"

namespace litetool::soak {
namespace {

// In a process of its own: a database file that is closed here loses its locks.
void run(const char* program, const std::string& from, const std::string& to) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::execlp(program, program, from.c_str(), to.c_str(), nullptr);
    ::_exit(127);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  if (status != 0) throw SqlError(SQLITE_IOERR, std::string(program) + " " + from + " " + to);
}

void back_up(sqlite3* from, const std::string& path) {
  const Connection to = open_database(path);
  sqlite3_backup* backup = sqlite3_backup_init(to.get(), "main", from, "main");
  if (backup == nullptr) throw SqlError(sqlite3_errcode(to.get()), "backup to " + path);
  sqlite3_backup_step(backup, -1);
  const int code = sqlite3_backup_finish(backup);
  // Refused: in WAL mode the target keeps its page size.
  if (code == SQLITE_READONLY) return;
  if (code != SQLITE_OK) throw SqlError(code, "backup to " + path);
}

void remove(Session& session) {
  if (!is_there(session.path())) return;
  settle_files(session);
  session.once("unlink", [&] { ::unlink(session.path().c_str()); });
}

// A history moves with its file, unless there is one already where the file goes.
void move(const Place& place, const std::string& from_name, const std::string& to_name) {
  {
    Session from(place, from_name);
    from.recover();
    settle_files(from);
  }
  if (is_there(place.file(to_name))) {
    Session to(place, to_name);
    to.recover();
    settle_files(to);
  }
  const std::string from = place.stem(from_name);
  const std::string to = place.stem(to_name);
  const bool had_history =
      std::ranges::any_of(read_ledger(to), [](const Event& e) { return !e.state.pages.empty(); });
  if (!had_history) {
    run("mv", place.file(from_name), place.file(to_name));
    std::rename((from + ".log").c_str(), (to + ".log").c_str());
    std::rename((from + ".pages").c_str(), (to + ".pages").c_str());
    return;
  }
  Session source(place, from_name);
  Session target(place, to_name);
  source.begin("moved to " + to_name);
  target.begin("moved from " + from_name);
  run("mv", place.file(from_name), place.file(to_name));
  source.recover();
  target.recover();
}

}  // namespace

void settle_files(Session& session) {
  session.close();
  if (!is_there(session.path())) return;
  session.once("settle", [&] { exec(session.db(), "PRAGMA journal_mode=DELETE"); });
  session.close();
  ::unlink((session.path() + "-journal").c_str());
}

void replace_by_copy(const Place& place, Session& session, Chance& chance) {
  const std::string outside = place.stem(session.name()) + ".copy";
  if (!is_there(outside) || chance.one_in(3)) {
    back_up(session.db(), outside);
    session.close();
    return;
  }
  if (chance.one_in(2)) {
    session.once("cp over it", [&] { run("cp", outside, session.path()); });
    return;
  }
  const std::string inside = session.path() + ".new";
  session.once("cp beside it, mv over it", [&] {
    run("cp", outside, inside);
    run("mv", inside, session.path());
  });
}

void copy_about(const Place& place, Session& session, Chance& chance) {
  const std::string name = session.name() + "-side";
  const std::string other = session.name() + "-moved";
  const Shield shield(place);
  if (!shield.held()) return;
  if (chance.one_in(4) && is_there(place.file(name))) return move(place, name, other);
  if (chance.one_in(4) && is_there(place.file(other))) return move(place, other, name);
  Session side(place, name);
  side.recover();
  switch (chance.below(5)) {
    case 0:
      remove(side);
      return side.once("vacuum into",
                       [&] { exec(session.db(), "VACUUM INTO '" + side.path() + "'"); });
    case 1:
      return side.once("backup", [&] { back_up(session.db(), side.path()); });
    case 2: {
      remove(side);
      if (!session.close_and_be_alone()) return;
      settle_files(session);
      side.once("cp", [&] { run("cp", session.path(), side.path()); });
      return session.share();
    }
    case 3:
      return remove(side);
    default:
      side.sql("CREATE TABLE IF NOT EXISTS w(x)");
      side.sql("INSERT INTO w VALUES(randomblob(" + std::to_string(chance.below(9000)) + "))");
  }
}

}  // namespace litetool::soak
