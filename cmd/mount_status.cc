#include "cmd/mount_status.h"

#include <unistd.h>

#include <fstream>
#include <sstream>

#include "cmd/output.h"
#include "core/os/mount_table.h"
#include "formats/base/text.h"
#include "formats/sqlite/file_header.h"

namespace litetool {
namespace {

Json json_of(const DatabaseStatus& s) {
  return Json{
      {"path", s.path},
      {"state", capture_state_text(s.state)},
      {"why", s.why},
      {"txid", s.pos.txid.text()},
      {"checksum", s.pos.checksum.text()},
      {"pages", s.commit},
      {"page_size", s.page_size},
      {"journal_mode", s.journal_mode},
      {"lag_ms", s.lag_ms},
      {"last_error", s.last_error},
      {"sqlite_version", s.sqlite_version == 0 ? "" : sqlite_version_text(s.sqlite_version)},
      {"warnings", s.warnings}};
}

}  // namespace

std::string mount_status_text(const MountFacts& facts, Witness& witness,
                              const std::function<bool(const std::string& database)>& shown) {
  Json databases = Json::array();
  for (const DatabaseStatus& status : witness.status()) {
    if (shown(status.path)) databases.push_back(json_of(status));
  }
  return to_line(Json{{"pid", ::getpid()},
                      {"mount_point", facts.mount_point},
                      {"source", facts.source},
                      {"history", facts.history},
                      {"tier", facts.tier},
                      {"transport", facts.transport},
                      {"started", rfc3339_ms(facts.started_ms)},
                      {"databases", std::move(databases)}}) +
         "\n";
}

std::string text_in(const Json& object, const char* name) {
  const auto it = object.find(name);
  return it != object.end() && it->is_string() ? it->get<std::string>() : "";
}

std::int64_t number_in(const Json& object, const char* name) {
  const auto it = object.find(name);
  return it != object.end() && it->is_number_integer() ? it->get<std::int64_t>() : 0;
}

std::optional<Json> read_mount_status(const std::string& mount_point) {
  const auto entry = mount_at(mount_point);
  if (!entry || entry->type != "fuse.litetool") return std::nullopt;
  std::ifstream in(mount_point + "/" + kMountStatusFile);
  std::stringstream text;
  text << in.rdbuf();
  Json status = Json::parse(text.str(), nullptr, false);
  if (!in || !status.is_object() || number_in(status, "pid") == 0 ||
      !status.contains("databases") || !status["databases"].is_array()) {
    return std::nullopt;
  }
  return status;
}

}  // namespace litetool
