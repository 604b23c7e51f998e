#include "soak/place.h"

#include <unistd.h>

#include <cerrno>
#include <stdexcept>

namespace litetool::soak {

bool is_there(const std::string& path) {
  if (::access(path.c_str(), F_OK) == 0) return true;
  if (errno != ENOENT) throw std::runtime_error(path + " cannot be looked at");
  return false;
}

}  // namespace litetool::soak
