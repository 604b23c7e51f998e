#include "core/history/node_id.h"

#include <array>

#include "core/os/random.h"
#include "formats/base/ids.h"

namespace litetool {

Result<std::uint64_t> load_node_id(Env& env, const HistoryRoot& root) {
  const std::string path = root.file(kNodeFile);
  LT_ASSIGN(const std::unique_ptr<File> file, env.open(root.dir, path, OpenMode::kCreate, 0600));
  std::array<char, 16> text{};
  LT_ASSIGN(const std::size_t n, file->read_at(std::as_writable_bytes(std::span(text)), 0));
  if (const auto id = parse_hex16({text.data(), n}); id && *id != 0) return *id;
  if (file->size() != 0) {
    return Error(Errc::kCorrupt, path + " is no node id (16 hex digits); remove it for a new one");
  }
  const std::uint64_t id = random_id();
  const std::string line = hex16(id) + "\n";
  LT_TRY(file->append({as_bytes(line)}));
  LT_TRY(file->sync());
  return id;
}

}  // namespace litetool
