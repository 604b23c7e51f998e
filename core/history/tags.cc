#include "core/history/tags.h"

#include <algorithm>
#include <charconv>

#include "core/history/layout.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::size_t kTxidDigits = 16;

Result<Tag> parse_line(std::string_view line) {
  const Error bad(Errc::kCorrupt, "not a tag: '" + printable(std::string(line)) + "'");
  const std::size_t space = line.find(' ', kTxidDigits + 1);
  if (line.size() <= kTxidDigits || line[kTxidDigits] != ' ' || space == line.npos) return bad;
  const auto txid = parse_hex16(line.substr(0, kTxidDigits));
  Tag tag{std::string(line.substr(space + 1)), txid ? Txid{*txid} : Txid{}, 0};
  const char* begin = line.data() + kTxidDigits + 1;
  const char* end = line.data() + space;
  const auto [last, err] = std::from_chars(begin, end, tag.made_ms);
  if (!txid || err != std::errc() || last != end || !is_tag_name(tag.name)) return bad;
  return tag;
}

}  // namespace

bool is_tag_name(std::string_view name) {
  constexpr std::size_t kLongest = 100;
  constexpr std::string_view kSigns = "._-+:@/";
  return !name.empty() && name.size() <= kLongest && std::ranges::all_of(name, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kSigns.find(c) != kSigns.npos;
  });
}

Result<std::vector<Tag>> read_tags(Env& env, int dir, const std::string& folder) {
  const std::string path = folder + "/" + std::string(kTagsFile);
  auto file = env.open(dir, path, OpenMode::kRead);
  if (!file && file.error().code == Errc::kNotFound) return std::vector<Tag>();
  if (!file) return std::move(file).error();
  constexpr std::uint64_t kLargest = std::uint64_t{16} << 20;
  if ((*file)->size() > kLargest) return Error(Errc::kCorrupt, path + " is too large for tags");
  Buffer bytes((*file)->size());
  LT_TRY((*file)->read_exact(bytes, 0));
  std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::vector<Tag> tags;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    auto tag = parse_line(rest.substr(0, end));
    if (!tag) return std::move(tag).error().with(path);
    tags.push_back(*std::move(tag));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return tags;
}

}  // namespace litetool
