// One client of one database that takes turns with others: what it does is recorded.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "soak/ledger.h"
#include "soak/place.h"
#include "soak/sql.h"

namespace litetool::soak {

class Session {
 public:
  Session(const Place& place, std::string database);

  const std::string& name() const { return name_; }
  const std::string& path() const { return path_; }
  const std::string& stem() const { return stem_; }

  // With the turn held, from here on. After a client that died: lets SQLite recover, and records.
  void recover();
  // The connection that writes, opened when it is not.
  sqlite3* db();
  // `work` commits at most one transaction; the state behind it is recorded. A transaction that it
  // leaves open is rolled back; that somebody else holds a lock is no error.
  void once(const std::string& note, const std::function<void()>& work);
  void sql(const std::string& text);
  void record(const std::string& note);
  void begin(const std::string& note) { ledger_.begin(note); }

  void close();
  void close_reader() { reader_.reset(); }
  // Closes, and makes sure that nobody else has it open; false: somebody has.
  bool close_and_be_alone();
  // Others may open it again.
  void share() { presence_->share(); }
  // For this session alone, until close(); after close_and_be_alone().
  void open_exclusively();

 private:
  std::string mode();

  std::string name_;
  std::string path_;
  std::string stem_;
  Ledger ledger_;
  std::unique_ptr<Presence> presence_;
  Connection writer_;
  Connection reader_;
  bool exclusive_ = false;
};

}  // namespace litetool::soak
