// Damage in the files of a history: `ltx verify` finds and names it, `doctor` where it is easy to
// see, and no command makes anything of it but states that there were.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>

#include "cmd/command.h"
#include "core/history/checksums_file.h"
#include "core/history/history_reader.h"
#include "core/history/layout.h"
#include "tests/cmd/damage/watched_history.h"
#include "tests/core/capture/run.h"
#include "tests/mount/truth.h"
#include "tests/support/commands.h"
#include "tests/support/temp_dir.h"

namespace litetool::test {
namespace {

// One image where it lies.
struct Place {
  std::string file;
  std::size_t offset = 0;
  std::size_t size = 0;
  Txid txid;
};

// A history in three files: a range from the first transaction on, and two segments.
class SplitHistory {
 public:
  SplitHistory() : history_(WatchedHistory::End::kLog) {
    const std::string segment = history_.folder() + "/" + segment_name(Txid{1});
    const Buffer bytes = read_file(segment);
    const std::vector<HistoryImage> images = reader().images();
    REQUIRE(images.size() == history_.states().size());
    const auto cut = [&](std::size_t first, std::size_t end) {
      const auto from = bytes.begin() + static_cast<std::ptrdiff_t>(images[first].offset);
      const auto to = end == images.size()
                          ? bytes.end()
                          : bytes.begin() + static_cast<std::ptrdiff_t>(images[end].offset);
      write_file(history_.folder() + "/" + segment_name(Txid{first + 1}), Buffer(from, to));
    };
    said({"export", history_.database(), "--at", std::to_string(kRange), "--format", "ltx", "-o",
          history_.folder() + "/" + Txid{1}.text() + "-" + Txid{kRange}.text() + ".ltx"});
    cut(kRange, kSecond);
    cut(kSecond, images.size());
    std::filesystem::remove(segment);
    for (const std::string& name : names()) whole_.push_back(read_file(path(name)));
    REQUIRE(whole_.size() == 3);
    find_places();
  }

  const WatchedHistory& history() const { return history_; }
  const std::vector<Place>& places() const { return places_; }
  std::vector<std::string> names() const {
    const auto found = history_files(posix_env(), kCwd, history_.folder());
    REQUIRE(found);
    return *found;
  }
  std::string path(const std::string& name) const { return history_.folder() + "/" + name; }
  const Buffer& whole(const std::string& name) const {
    return whole_[static_cast<std::size_t>(std::ranges::find(names_, name) - names_.begin())];
  }
  void heal() const {
    for (std::size_t i = 0; i < names_.size(); ++i) write_file(path(names_[i]), whole_[i]);
  }

 private:
  static constexpr std::size_t kRange = 3;
  static constexpr std::size_t kSecond = 6;

  HistoryReader reader() const {
    auto reader = HistoryReader::open(posix_env(), kCwd, history_.folder());
    REQUIRE(reader);
    return *std::move(reader);
  }

  void find_places() {
    names_ = names();
    const HistoryReader now = reader();
    for (const HistoryImage& image : now.images()) {
      const std::string file = std::filesystem::path(now.files()[image.file]).filename();
      places_.push_back({file, image.offset, image.size, image.max_txid});
    }
  }

  WatchedHistory history_;
  std::vector<std::string> names_;
  std::vector<Buffer> whole_;
  std::vector<Place> places_;
};

bool is_damage(int code) {
  return code == kExitCorrupt || code == kExitBrokenChain;
}

// Whatever is restored is the state that it claims to be.
int restore(const WatchedHistory& history, const std::string& point) {
  const std::string out = history.aside("out.db");
  const Said result = say({"restore", history.database(), "--at", point, "-o", out, "--json"});
  INFO("restore --at " << point << ": " << result.err);
  if (result.code != kExitDone) {
    REQUIRE_FALSE(std::filesystem::exists(out));
    return result.code;
  }
  const std::uint64_t txid =
      std::stoull(Json::parse(result.out)["txid"].get<std::string>(), nullptr, 16);
  REQUIRE(txid <= history.states().size());
  const bool is_right = read_file(out) == history.states()[txid - 1];
  REQUIRE(is_right);
  std::filesystem::remove(out);
  return result.code;
}

// What `ltx verify` says of the folder; it must say something.
std::string verify(const WatchedHistory& history) {
  const Said result = say({"ltx", "verify", history.folder()});
  INFO(result.out << result.err);
  REQUIRE(is_damage(result.code));
  return result.out;
}

// The audit may only agree when the last state can be had.
void check_audit(const WatchedHistory& history, int restored) {
  const int code = say({"audit", history.folder(), "--quiet"}).code;
  INFO("audit of the history ends with " << code << ", restore with " << restored);
  if (restored != kExitDone) REQUIRE(is_damage(code));
  const int live = say({"audit", history.database(), "--quiet"}).code;
  REQUIRE((live == kExitDone || live == kExitDiffers || is_damage(live)));
}

TEST_CASE("history damage: bits of every part of every file") {
  SplitHistory split;
  const WatchedHistory& history = split.history();
  REQUIRE(say({"ltx", "verify", history.folder()}).code == kExitDone);
  constexpr std::size_t kHeader = 100;
  constexpr std::size_t kTail = 48;
  constexpr std::size_t kStride = 61;
  int tried = 0, harmless = 0;
  for (const Place& place : split.places()) {
    for (std::size_t at = 0; at < place.size; ++at) {
      const bool is_edge = at < kHeader || at + kTail >= place.size;
      if (at % (is_edge ? 5 : kStride) != 0) continue;
      INFO("byte " << at << " of " << place.size << " of " << place.txid.text() << " in "
                   << place.file);
      Buffer bytes = split.whole(place.file);
      bytes[place.offset + at] ^= std::byte{0x10};
      write_file(split.path(place.file), bytes);
      const std::string point = std::to_string(place.txid.value);
      ++tried;
      // LZ4 can say the same in two ways, and no checksum covers in which it was said.
      if (say({"ltx", "verify", history.folder()}).code == kExitDone) {
        ++harmless;
        CHECK(restore(history, point) == kExitDone);
      } else {
        CHECK(verify(history).find(place.file) != std::string::npos);
        check_audit(history, restore(history, "latest"));
        restore(history, point);
      }
      write_file(split.path(place.file), split.whole(place.file));
    }
  }
  CHECK(harmless * 50 < tried);
}

// What does not need the damaged pages can still be had.
TEST_CASE("history damage: the states before a damaged page are there") {
  SplitHistory split;
  const WatchedHistory& history = split.history();
  for (std::size_t i = 1; i < split.places().size(); ++i) {
    const Place& place = split.places()[i];
    INFO("in the middle of " << place.txid.text() << " in " << place.file);
    Buffer bytes = split.whole(place.file);
    bytes[place.offset + place.size / 2] ^= std::byte{0x10};
    write_file(split.path(place.file), bytes);
    CHECK(restore(history, split.places()[i - 1].txid.text()) == kExitDone);
    CHECK(is_damage(restore(history, place.txid.text())));
    write_file(split.path(place.file), split.whole(place.file));
  }
}

TEST_CASE("history damage: files that are cut, missing, empty, swapped or there twice") {
  SplitHistory split;
  const WatchedHistory& history = split.history();
  const std::vector<std::string> names = split.names();
  const auto doctor = [&] { return say({"doctor", history.directory(), "--json"}); };
  REQUIRE(doctor().out.find("\"history\",\"says\":\"app.db") == std::string::npos);
  for (const std::string& name : names) {
    const Buffer& whole = split.whole(name);
    for (const std::size_t size : {whole.size() - 1, whole.size() - 30, whole.size() / 2,
                                   std::size_t{150}, std::size_t{60}, std::size_t{0}}) {
      INFO(name << " cut to " << size << " of " << whole.size());
      write_file(split.path(name), Bytes(whole).first(size));
      // A segment begins as an empty file.
      const bool is_new = size == 0 && name == names.back();
      if (!is_new) verify(history);
      check_audit(history, restore(history, "latest"));
      restore(history, "3");
      split.heal();
    }
    INFO(name << " is missing");
    std::filesystem::remove(split.path(name));
    // Nothing tells that there were others before the first or behind the last.
    const bool is_last = name == names.back();
    const bool is_first = name == names.front();
    if (!is_last && !is_first) verify(history);
    const int code = restore(history, "latest");
    CHECK(is_damage(code) == !is_last);
    check_audit(history, code);
    CHECK(say({"audit", history.database(), "--quiet"}).code != kExitDone);
    if (!is_last) CHECK(doctor().out.find("problem") != std::string::npos);
    split.heal();
  }
  for (std::size_t i = 1; i < names.size(); ++i) {
    INFO(names[i - 1] << " and " << names[i] << " are swapped");
    write_file(split.path(names[i - 1]), split.whole(names[i]));
    write_file(split.path(names[i]), split.whole(names[i - 1]));
    verify(history);
    check_audit(history, restore(history, "latest"));
    restore(history, "3");
    split.heal();
  }
}

// It only saves the next start some time.
TEST_CASE("history damage: what a clean stop left") {
  const WatchedHistory history(WatchedHistory::End::kFile);
  const std::string file = history.folder() + "/" + std::string(kChecksumsFile);
  const Buffer whole = read_file(file);
  REQUIRE(read_clean_stop(posix_env(), kCwd, history.folder()));
  for (std::size_t at = 0; at < whole.size(); at += 7) {
    INFO("byte " << at << " of " << whole.size());
    Buffer bytes = whole;
    bytes[at] ^= std::byte{1};
    write_file(file, bytes);
    REQUIRE(read_clean_stop(posix_env(), kCwd, history.folder()).error().code == Errc::kCorrupt);
  }
  const Said doctor = say({"doctor", history.directory()});
  CHECK(doctor.out.find("what the last stop left cannot be trusted") != std::string::npos);
  CHECK(restore(history, "latest") == kExitDone);
  CHECK(say({"audit", history.database(), "--quiet"}).code == kExitDone);
  Run run(history.directory());
  REQUIRE(run.loaded());
  CHECK(run.status("app.db").pos.txid == history.last_txid());
}

}  // namespace
}  // namespace litetool::test
