#include "core/history/marks.h"

#include <algorithm>

#include "core/history/layout.h"

namespace litetool {

Result<std::map<Txid, std::string>> read_marks(Env& env, int dir, const std::string& folder) {
  std::map<Txid, std::string> marks;
  const auto file = env.open(dir, folder + "/" + std::string(kMarksFile), OpenMode::kRead);
  if (!file && file.error().code == Errc::kNotFound) return marks;
  if (!file) return file.error();
  const std::uint64_t size = (*file)->size();
  const std::uint64_t passed_over = size - std::min(size, kMaxMarksSize);
  Buffer text(static_cast<std::size_t>(size - passed_over));
  LT_ASSIGN(const std::size_t n, (*file)->read_at(text, passed_over));
  const std::string_view lines(reinterpret_cast<const char*>(text.data()), n);
  const std::size_t part = passed_over == 0 ? 0 : std::min(lines.find('\n'), lines.size());
  for (std::size_t at = part; at < lines.size();) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size());
    const std::string_view line = lines.substr(at, end - at);
    const std::size_t blank = std::min(line.find(' '), line.size());
    const auto txid = parse_hex16(line.substr(0, blank));
    if (txid && blank < line.size()) marks[Txid{*txid}] = line.substr(blank + 1);
    at = end + 1;
  }
  return marks;
}

}  // namespace litetool
