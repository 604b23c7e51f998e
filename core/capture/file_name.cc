#include "core/capture/file_name.h"

namespace litetool {

FileName classify_file(std::string_view name) {
  constexpr struct {
    std::string_view suffix;
    FileRole role;
  } kSuffixes[] = {
      {"-wal", FileRole::kWal}, {"-shm", FileRole::kShm}, {"-journal", FileRole::kJournal}};
  for (const auto& known : kSuffixes) {
    if (name.size() > known.suffix.size() && name.ends_with(known.suffix)) {
      return {known.role, name.substr(0, name.size() - known.suffix.size())};
    }
  }
  return {FileRole::kDatabase, name};
}

}  // namespace litetool
