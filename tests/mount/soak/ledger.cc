#include "soak/ledger.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace litetool::soak {
namespace {

int open_or_throw(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) throw std::runtime_error(path + " cannot be opened");
  return fd;
}

void append(int fd, const void* data, std::size_t size) {
  if (::write(fd, data, size) != static_cast<ssize_t>(size)) {
    throw std::runtime_error("the ledger cannot be written");
  }
}

}  // namespace

Turn::Turn(const std::string& stem) : fd_(open_or_throw(stem + ".turn", O_RDWR)) {
  while (::flock(fd_, LOCK_EX) != 0) {
  }
}
Turn::~Turn() {
  ::close(fd_);
}

Presence::Presence(const std::string& stem) : fd_(open_or_throw(stem + ".presence", O_RDWR)) {
  share();
}
Presence::~Presence() {
  ::close(fd_);
}
bool Presence::alone() {
  return ::flock(fd_, LOCK_EX | LOCK_NB) == 0;
}
void Presence::share() {
  while (::flock(fd_, LOCK_SH) != 0) {
  }
}

Ledger::Ledger(const std::string& stem)
    : stem_(stem),
      log_(open_or_throw(stem + ".log", O_RDWR | O_APPEND)),
      pages_(open_or_throw(stem + ".pages", O_RDWR | O_APPEND)) {}

Ledger::~Ledger() {
  ::close(log_);
  ::close(pages_);
}

void Ledger::line(const std::string& text) {
  const std::string whole = text + "\n";
  append(log_, whole.data(), whole.size());
}

void Ledger::begin(const std::string& note) {
  line("begin " + note);
}
void Ledger::free(const std::string& note) {
  line("free " + note);
}

void Ledger::state(const State& state, const std::string& note) {
  const off_t at = ::lseek(pages_, 0, SEEK_END);
  append(pages_, state.pages.data(), state.pages.size() * sizeof(state.pages[0]));
  std::ostringstream text;
  text << "state " << state.page_size << ' ' << std::hex << state.digest() << std::dec << ' ' << at
       << ' ' << state.pages.size() << ' ' << note;
  line(text.str());
}

bool Ledger::interrupted() const {
  struct stat st {};
  ::fstat(log_, &st);
  constexpr off_t kEnough = 4096;
  std::string tail(static_cast<std::size_t>(std::min(st.st_size, kEnough)), '\0');
  const ssize_t n =
      ::pread(log_, tail.data(), tail.size(), st.st_size - static_cast<off_t>(tail.size()));
  if (n <= 0) return false;
  const std::size_t last = tail.rfind('\n', tail.size() - 2);
  return !tail.substr(last == std::string::npos ? 0 : last + 1).starts_with("state ");
}

std::vector<Event> read_ledger(const std::string& stem) {
  std::ifstream log(stem + ".log");
  std::ifstream pages(stem + ".pages", std::ios::binary);
  std::vector<Event> events;
  for (std::string text; std::getline(log, text);) {
    std::istringstream in(text);
    std::string kind;
    in >> kind;
    Event event;
    if (kind == "state") {
      std::string digest;
      std::size_t at = 0;
      std::size_t count = 0;
      in >> event.state.page_size >> digest >> at >> count;
      event.kind = Event::Kind::kState;
      event.state.pages.resize(count);
      pages.seekg(static_cast<std::streamoff>(at));
      pages.read(reinterpret_cast<char*>(event.state.pages.data()),
                 static_cast<std::streamsize>(count * sizeof(std::uint64_t)));
      if (!in || !pages) throw std::runtime_error(stem + ": not a ledger: " + text);
    } else {
      event.kind = kind == "begin" ? Event::Kind::kBegin : Event::Kind::kFree;
    }
    std::getline(in >> std::ws, event.note);
    events.push_back(std::move(event));
  }
  return events;
}

}  // namespace litetool::soak
