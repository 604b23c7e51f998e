#include "soak/check.h"

#include <algorithm>
#include <stdexcept>

#include "soak/ledger.h"
#include "soak/past.h"
#include "soak/sql.h"

namespace litetool::soak {
namespace {

// Distinct states in order, and what led to each.
std::vector<Event> states_of(const std::vector<Event>& events) {
  std::vector<Event> states;
  for (const Event& event : events) {
    if (event.kind != Event::Kind::kState) continue;
    if (states.empty() ? event.state.pages.empty() : states.back().state == event.state) continue;
    states.push_back(event);
  }
  return states;
}

std::string difference(const State& a, const State& b) {
  std::string text = std::to_string(a.pages.size()) + " pages of " + std::to_string(a.page_size) +
                     " against " + std::to_string(b.pages.size()) + " of " +
                     std::to_string(b.page_size);
  std::size_t differ = 0;
  std::string first;
  for (std::size_t i = 0; i < std::min(a.pages.size(), b.pages.size()); ++i) {
    if (a.pages[i] == b.pages[i]) continue;
    if (differ++ < 8) first += " " + std::to_string(i + 1);
  }
  return text + ", " + std::to_string(differ) + " differ:" + first;
}

// Nothing to undo where SQLite itself tells nobody of a commit.
bool tells_nobody(const std::string& note) {
  return note.find("[memory") != std::string::npos || note.find("[off") != std::string::npos ||
         note.find("[persist 0") != std::string::npos ||
         note.find("[exclusive") != std::string::npos;
}

class Match {
 public:
  Match(Verdict& verdict, const std::vector<Event>& states) : verdict_(verdict), states_(states) {}

  void see(const Point& point) {
    ++verdict_.transactions;
    verdict_.marked += point.marked ? 1 : 0;
    const State now = state_of(point.image, point.page_size);
    const bool empty = now.pages.empty();
    const auto found = std::find_if(states_.begin() + next_, states_.end(), [&](const Event& e) {
      return empty ? e.state.pages.empty() : e.state == now;
    });
    const std::string where = "transaction " + point.last.text();
    // A commit that changes nothing, such as a setting to the value that it has.
    const bool repeats =
        next_ > 0 && states_[static_cast<std::size_t>(next_ - 1)].state.pages == now.pages;
    if (repeats && !point.marked) return;
    if (found == states_.end()) {
      foreign(where, now, point);
      return;
    }
    const auto index = found - states_.begin();
    for (auto i = next_; i < index; ++i) skip(where, states_[static_cast<std::size_t>(i)], point);
    next_ = index + 1;
  }

  void end() {
    for (; next_ < static_cast<std::ptrdiff_t>(states_.size()); ++next_) {
      fault("missing at the end: " + states_[static_cast<std::size_t>(next_)].note);
    }
  }

 private:
  void fault(const std::string& text) { verdict_.faults.push_back(text); }

  void foreign(const std::string& where, const State& now, const Point& point) {
    std::string text = where + (point.marked ? " (marked)" : "") + " is no recorded state; ";
    if (next_ > 0) {
      const Event& before = states_[static_cast<std::size_t>(next_ - 1)];
      text += "against the one before, \"" + before.note + "\": " + difference(now, before.state);
    }
    if (next_ < static_cast<std::ptrdiff_t>(states_.size())) {
      const Event& after = states_[static_cast<std::size_t>(next_)];
      text += "; against the next, \"" + after.note + "\": " + difference(now, after.state);
    }
    fault(text);
  }

  void skip(const std::string& where, const Event& state, const Point& point) {
    const bool allowed =
        point.marked || point.first.value != point.last.value || tells_nobody(state.note);
    allowed ? void(++verdict_.merged) : fault(where + " skips a recorded state: " + state.note);
  }

  Verdict& verdict_;
  const std::vector<Event>& states_;
  std::ptrdiff_t next_ = 0;
};

// A database in memory, of these bytes.
class Image {
 public:
  explicit Image(const Point& point)
      : bytes_(point.image.begin(), point.image.end()), db_(open_database(":memory:")) {
    // Only a file can be in WAL mode.
    bytes_[18] = bytes_[19] = std::byte{1};
    const auto size = static_cast<sqlite3_int64>(bytes_.size());
    sqlite3_deserialize(db_.get(), "main", reinterpret_cast<unsigned char*>(bytes_.data()), size,
                        size, SQLITE_DESERIALIZE_READONLY);
  }
  std::string value(const std::string& sql) const { return soak::value(db_.get(), sql); }

 private:
  Buffer bytes_;
  Connection db_;
};

long entries_of(const Image& image) {
  if (image.value("SELECT count(*) FROM sqlite_schema WHERE name='entries'") == "0") return 0;
  const std::string n = image.value("SELECT max(n) FROM entries");
  return n.empty() ? 0 : std::stol(n);
}

// Whether all entries but the last were committed so that nobody is told.
bool tells_nobody(const Image& image, long after, long last) {
  return image.value("SELECT count(*) FROM entries WHERE how<>'persist 0' AND n>" +
                     std::to_string(after) + " AND n<" + std::to_string(last)) == "0";
}

}  // namespace

Verdict check_recorded(const Place& place, const std::string& database) {
  Verdict verdict;
  const std::vector<Event> states = states_of(read_ledger(place.stem(database)));
  verdict.recorded = static_cast<int>(states.size());
  if (states.empty()) return verdict;
  Match match(verdict, states);
  try {
    walk_history(place.data, database, [&](const Point& point) { match.see(point); });
    match.end();
  } catch (const std::exception& e) {
    verdict.faults.emplace_back(e.what());
  }
  return verdict;
}

Verdict check_free(const Place& place, const std::string& database) {
  Verdict verdict;
  const std::vector<Event> states = states_of(read_ledger(place.stem(database)));
  verdict.recorded = static_cast<int>(states.size());
  if (states.empty()) return verdict;  // never made
  long entries = 0;
  State last;
  const auto see = [&](const Point& point) {
    ++verdict.transactions;
    verdict.marked += point.marked ? 1 : 0;
    last = state_of(point.image, point.page_size);
    if (point.image.empty()) return;
    const Image image(point);
    const std::string where = "transaction " + point.last.text();
    const long now = entries_of(image);
    const bool several = point.marked || point.first.value != point.last.value;
    if (now < entries || (now > entries + 1 && !several && !tells_nobody(image, entries, now))) {
      verdict.faults.push_back(
          where + " goes from entry " + std::to_string(entries) + " to " + std::to_string(now) +
          ", " +
          image.value("SELECT group_concat(how) FROM entries WHERE n>" + std::to_string(entries)));
    }
    entries = now;
    constexpr int kLookEvery = 10;
    if (verdict.transactions % kLookEvery != 0) return;
    const std::string sound = image.value("PRAGMA integrity_check(1)");
    if (sound != "ok") verdict.faults.push_back(where + ": " + sound);
  };
  try {
    walk_history(place.data, database, see);
  } catch (const std::exception& e) {
    verdict.faults.push_back("after " + std::to_string(verdict.transactions) + ": " + e.what());
  }
  if (!(states.back().state == last)) {
    verdict.faults.push_back("the history does not end where the database does: " +
                             difference(last, states.back().state));
  }
  return verdict;
}

}  // namespace litetool::soak
