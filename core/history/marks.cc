#include "core/history/marks.h"

#include <algorithm>

#include "core/history/layout.h"
#include "core/os/atomic_file.h"

namespace litetool {
namespace {

std::string marks_path(const std::string& folder) {
  return folder + "/" + std::string(kMarksFile);
}

// The end of the file, as much of it as is read.
struct Tail {
  Buffer bytes;
  std::uint64_t passed_over = 0;  // bytes before it

  std::string_view text() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  // Where its first whole line begins.
  std::size_t first_line() const {
    return passed_over == 0 ? 0 : std::min(text().find('\n'), text().size() - 1) + 1;
  }
};

// Nothing when there is no file.
Result<Tail> read_tail(Env& env, int dir, const std::string& folder) {
  Tail tail;
  const auto file = env.open(dir, marks_path(folder), OpenMode::kRead);
  if (!file && file.error().code == Errc::kNotFound) return tail;
  if (!file) return file.error();
  const std::uint64_t size = (*file)->size();
  tail.passed_over = size - std::min(size, kMaxMarksSize);
  tail.bytes.resize(static_cast<std::size_t>(size - tail.passed_over));
  LT_ASSIGN(const std::size_t n, (*file)->read_at(tail.bytes, tail.passed_over));
  tail.bytes.resize(n);
  return tail;
}

// Calls visit(TXID, reason, where the line begins) for each line that is one, until that is false.
template <typename Visit>
void for_each_mark(std::string_view lines, std::size_t at, Visit visit) {
  while (at < lines.size()) {
    const std::size_t end = std::min(lines.find('\n', at), lines.size());
    const std::string_view line = lines.substr(at, end - at);
    const std::size_t blank = std::min(line.find(' '), line.size());
    const auto txid = parse_hex16(line.substr(0, blank));
    const bool is_one = txid && blank < line.size();
    if (is_one && !visit(Txid{*txid}, line.substr(blank + 1), at)) return;
    at = end + 1;
  }
}

}  // namespace

Result<std::map<Txid, std::string>> read_marks(Env& env, int dir, const std::string& folder) {
  LT_ASSIGN(const Tail tail, read_tail(env, dir, folder));
  std::map<Txid, std::string> marks;
  for_each_mark(tail.text(), tail.first_line(),
                [&](Txid txid, std::string_view why, std::size_t /*at*/) {
                  marks[txid] = why;
                  return true;
                });
  return marks;
}

Status forget_marks_before(Env& env, int dir, const std::string& folder, Txid first) {
  LT_ASSIGN(const Tail tail, read_tail(env, dir, folder));
  std::size_t keep = tail.bytes.size();
  for_each_mark(tail.text(), tail.first_line(),
                [&](Txid txid, std::string_view /*why*/, std::size_t at) {
                  if (txid >= first) keep = at;
                  return txid < first;
                });
  const std::uint64_t dropped = tail.passed_over + keep;
  if (dropped == 0 || dropped < tail.bytes.size() - keep) return {};
  return replace_file(env, dir, marks_path(folder), Bytes(tail.bytes).subspan(keep));
}

}  // namespace litetool
