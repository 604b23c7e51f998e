#include "soak/session.h"

namespace litetool::soak {

Session::Session(const Place& place, std::string database)
    : name_(std::move(database)),
      path_(place.file(name_)),
      stem_(place.stem(name_)),
      ledger_(stem_) {}

void Session::recover() {
  if (presence_ == nullptr) presence_ = std::make_unique<Presence>(stem_);
  if (ledger_.interrupted()) record("recovered");
}

sqlite3* Session::db() {
  if (writer_ == nullptr) writer_ = open_database(path_);
  return writer_.get();
}

void Session::once(const std::string& note, const std::function<void()>& work) {
  ledger_.begin(note);
  try {
    work();
  } catch (const SqlError& e) {
    if (!e.busy()) throw;
  }
  if (writer_ != nullptr && sqlite3_get_autocommit(writer_.get()) == 0) exec(db(), "ROLLBACK");
  record(note + mode());
}

// How it commits, for the judgement of what a history can know.
std::string Session::mode() {
  if (exclusive_) return " [exclusive]";
  if (writer_ == nullptr) return "";
  return " [" + value(db(), "PRAGMA journal_mode") + " " + value(db(), "PRAGMA synchronous") + "]";
}

void Session::sql(const std::string& text) {
  once(text, [&] { exec(db(), text); });
}

void Session::record(const std::string& note) {
  if (exclusive_) {
    ledger_.state(read_files(path_), note);
    return;
  }
  if (!is_there(path_)) {
    ledger_.state(State(), note);
    return;
  }
  if (reader_ == nullptr) reader_ = open_database(path_);
  ledger_.state(read_by_sqlite(reader_.get()), note);
}

void Session::close() {
  reader_.reset();
  writer_.reset();
  if (exclusive_) {
    exclusive_ = false;
    record("closed by its exclusive owner");
    reader_.reset();
  }
}

bool Session::close_and_be_alone() {
  close();
  if (presence_->alone()) return true;
  presence_->share();
  return false;
}

void Session::open_exclusively() {
  exec(db(), "PRAGMA locking_mode=EXCLUSIVE");
  exclusive_ = true;
}

}  // namespace litetool::soak
