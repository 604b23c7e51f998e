#include "core/os/processors.h"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <string>

namespace litetool {
namespace {

void run_on(const std::vector<unsigned>& processors) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const unsigned processor : processors) CPU_SET(processor, &set);
  (void)::sched_setaffinity(0, sizeof set, &set);
}

}  // namespace

// The file says "0-3", or "0" alone.
Result<unsigned> possible_processors() {
  const char* const path = "/sys/devices/system/cpu/possible";
  std::string text;
  if (!std::getline(std::ifstream(path), text)) {
    return Error(Errc::kUnsupported, std::string(path) + " cannot be read");
  }
  const std::size_t last = text.find_last_of("-,");
  const std::string number = last == std::string::npos ? text : text.substr(last + 1);
  return static_cast<unsigned>(std::strtoul(number.c_str(), nullptr, 10)) + 1;
}

const std::vector<unsigned>& allowed_processors() {
  static const std::vector<unsigned> allowed = [] {
    std::vector<unsigned> processors;
    cpu_set_t set;
    CPU_ZERO(&set);
    (void)::sched_getaffinity(0, sizeof set, &set);
    for (unsigned i = 0; i < CPU_SETSIZE; ++i) {
      if (CPU_ISSET(i, &set)) processors.push_back(i);
    }
    return processors;
  }();
  return allowed;
}

void pin_to_processor(unsigned processor) {
  if (std::ranges::count(allowed_processors(), processor) != 0) run_on({processor});
}

void run_anywhere() {
  run_on(allowed_processors());
}

}  // namespace litetool
