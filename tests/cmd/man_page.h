// The source of a man page, for tests that hold it against the code.
#pragma once

#include <fstream>
#include <sstream>
#include <string>

namespace litetool::test {

// Empty when there is no such page.
inline std::string read_man_page(const std::string& name) {
  std::ifstream in(std::string(LITETOOL_MAN_DIR) + "/" + name);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace litetool::test
