#include "core/history/tags.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <unordered_map>

#include "core/history/compaction.h"
#include "core/history/layout.h"
#include "core/ltx/database_lock.h"
#include "core/os/range_lock.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

constexpr std::size_t kTxidDigits = 16;
constexpr std::uint64_t kLargestFile = std::uint64_t{16} << 20;
constexpr std::int64_t kTimeoutMs = 5000;
constexpr std::size_t kMaxNames = 10;

std::string tags_path(const std::string& folder) {
  return folder + "/" + std::string(kTagsFile);
}

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

// The tags of a file, and where its last whole line ends.
struct Lines {
  std::vector<Tag> tags;
  std::uint64_t end = 0;
};

Result<Lines> read_lines(const File& file) {
  LT_ASSIGN(const struct stat st, file.stat());
  const auto size = static_cast<std::uint64_t>(st.st_size);
  if (size > kLargestFile) return Error(Errc::kCorrupt, "too large for tags");
  Buffer bytes(size);
  LT_TRY(file.read_exact(bytes, 0));
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  Lines lines;
  std::unordered_map<std::string, std::size_t> last_of_name;  // index in lines.tags
  for (std::size_t end = text.find('\n'); end != text.npos; end = text.find('\n', lines.end)) {
    LT_ASSIGN(Tag tag, parse_line(text.substr(lines.end, end - lines.end)));
    const auto [last, is_new] = last_of_name.try_emplace(tag.name, lines.tags.size());
    if (!is_new) lines.tags[std::exchange(last->second, lines.tags.size())].txid = Txid{};
    lines.tags.push_back(std::move(tag));
    lines.end = end + 1;
  }
  std::erase_if(lines.tags, [](const Tag& tag) { return tag.txid.value == 0; });
  return lines;
}

std::optional<Tag> find_tag(const std::vector<Tag>& tags, const std::string& name) {
  const auto tag = std::ranges::find(tags, name, &Tag::name);
  if (tag == tags.end()) return std::nullopt;
  return *tag;
}

// The file, with nobody else writing to it.
class TagWriter {
 public:
  static Result<TagWriter> open(const Job& job, const std::string& folder) {
    const std::string path = tags_path(folder);
    LT_ASSIGN(auto file, job.env.open(kCwd, path, OpenMode::kCreate));
    LT_ASSIGN(const bool locked, retry_for(job, kTimeoutMs, [&] {
                return try_lock(*file, LockRange{}, LockKind::kExclusive);
              }));
    if (!locked) return Error(Errc::kTimeout, path + " is being written by somebody else");
    auto lines = read_lines(*file);
    if (!lines) return std::move(lines).error().with(path);
    return TagWriter(job.env, folder, std::move(file), *std::move(lines));
  }

  const std::vector<Tag>& tags() const { return lines_.tags; }

  // What is there is on the disk: somebody may have been killed who wrote it.
  Status make_safe() {
    LT_TRY(file_->sync());
    return env_.sync_dir(kCwd, folder_);
  }

  Status write(const Tag& tag) {
    const std::string line =
        tag.txid.text() + " " + std::to_string(tag.made_ms) + " " + tag.name + "\n";
    LT_TRY(file_->write_at(as_bytes(line), lines_.end));
    LT_TRY(file_->sync());
    if (lines_.end == 0) LT_TRY(env_.sync_dir(kCwd, folder_));
    lines_.end += line.size();
    return {};
  }

 private:
  TagWriter(Env& env, std::string folder, std::unique_ptr<File> file, Lines lines)
      : env_(env), folder_(std::move(folder)), file_(std::move(file)), lines_(std::move(lines)) {}

  Env& env_;
  std::string folder_;
  std::unique_ptr<File> file_;
  Lines lines_;
};

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
  const std::string path = tags_path(folder);
  const auto file = env.open(dir, path, OpenMode::kRead);
  if (!file && file.error().code == Errc::kNotFound) return std::vector<Tag>();
  if (!file) return file.error();
  auto lines = read_lines(**file);
  if (!lines) return std::move(lines).error().with(path);
  return std::move(lines->tags);
}

Status add_tag(const Job& job, const std::string& folder, const Tag& tag, bool move) {
  if (!is_tag_name(tag.name)) {
    return Error(Errc::kUsage, "'" + printable(tag.name) +
                                   "' cannot be a tag: use 1 to 100 letters, digits and . _ - + : "
                                   "@ /");
  }
  LT_ASSIGN(TagWriter writer, TagWriter::open(job, folder));
  const std::optional<Tag> before = find_tag(writer.tags(), tag.name);
  if (before && before->txid == tag.txid) return writer.make_safe();
  if (before && !move) {
    return Error(Errc::kExists, "tag '" + tag.name + "' stands for transaction " +
                                    before->txid.text() + " (use --force to move it)");
  }
  LT_TRY(writer.write(tag));
  // Retention looks for new tags whenever it has merged points away: one of us sees the other.
  LT_ASSIGN(const bool lasts, point_lasts(job.env, {kCwd, folder, {}}, tag.txid));
  if (lasts) return {};
  LT_TRY(writer.write(before ? *before : Tag{tag.name, Txid{}, tag.made_ms}));
  return Error(Errc::kNotFound, "transaction " + tag.txid.text() +
                                    " has just been merged into a later one by the retention, and "
                                    "can be restored for a few minutes only");
}

Result<Tag> delete_tag(const Job& job, const std::string& folder, const std::string& name) {
  LT_ASSIGN(const std::vector<Tag> tags, read_tags(job.env, kCwd, folder));
  if (!find_tag(tags, name)) return no_such_tag(name, tags);
  LT_ASSIGN(TagWriter writer, TagWriter::open(job, folder));
  const std::optional<Tag> tag = find_tag(writer.tags(), name);
  if (!tag) return no_such_tag(name, writer.tags());
  LT_TRY(writer.write(Tag{name, Txid{}, job.env.now_ms()}));
  return *tag;
}

Error no_such_tag(const std::string& name, const std::vector<Tag>& tags) {
  std::vector<std::string> names;
  for (const Tag& tag : tags) {
    if (names.size() == kMaxNames) {
      names.push_back("and " + std::to_string(tags.size() - kMaxNames) + " more");
      break;
    }
    names.push_back(tag.name);
  }
  return Error(Errc::kNotFound,
               "there is no tag '" + printable(name) + "'" +
                   (names.empty() ? ": the history has none" : ", only " + join(names, ", ")));
}

}  // namespace litetool
