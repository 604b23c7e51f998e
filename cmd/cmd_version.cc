// litetool version: this build, and the libraries that shape what it does.
#include "cmd/command.h"
#include "core/rows/sqlite_library.h"
#include "formats/base/crc64.h"

namespace litetool {
namespace {

ArgSpec spec() {
  return ArgSpec()
      .about(
          "Also names the SQLite library, whose version is part of every database it writes,\n"
          "and how CRC-64 is computed on this CPU.")
      .example("litetool version", "print the version")
      .example("litetool version --json", "the same for scripts");
}

Result<int> run(const Args&, Context& context) {
  const std::string crc64 = crc64_uses_isal() ? "isa-l" : "portable";
  if (context.out.json_mode()) {
    context.out.document(Json{{"version", LITETOOL_VERSION},
                              {"sqlite_version", sqlite_library_version()},
                              {"crc64", crc64}});
    return kExitDone;
  }
  context.out.line("litetool " LITETOOL_VERSION);
  context.out.line("sqlite   " + sqlite_library_version());
  context.out.line("crc64    " + crc64);
  return kExitDone;
}

}  // namespace

extern const Command kVersionCommand;
const Command kVersionCommand = {"version", "print the version of litetool and of its libraries",
                                 spec, run};

}  // namespace litetool
