// litetool keygen: a key pair for sealed archives.
#include "cmd/command.h"
#include "core/os/atomic_file.h"
#include "formats/archive/age_keys.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

ArgSpec spec() {
  return ArgSpec()
      .about(
          "An identity opens what was sealed for its recipient. The recipient may be handed\n"
          "round; the identity is to be kept secret, and kept: without it nobody opens the\n"
          "archives. The keys are those of the age tool, which opens the archives too.")
      .value("--output", 'o', "FILE", "write the identity here, readable by its owner only",
             Complete::kFile)
      .exit_code(kExitExists, "FILE exists")
      .example("litetool keygen -o backup.key", "prints the recipient, keeps the identity")
      .example("litetool keygen", "prints both");
}

std::string key_file(const age::Identity& identity, std::int64_t now_ms) {
  return "# created: " + rfc3339_ms(now_ms) + "\n# public key: " + identity.recipient().text() +
         "\n" + identity.text() + "\n";
}

// Never over an older key, which may be the only one that opens an archive.
Status write_key(Env& env, const std::string& path, const std::string& text) {
  if (env.lstat(kCwd, path)) {
    return Error(Errc::kExists, path + " exists already and may hold a key that is needed");
  }
  LT_ASSIGN(AtomicFile file, AtomicFile::create(env, path, false, 0600));
  LT_TRY(file.write(as_bytes(text)));
  return file.commit();
}

Result<int> run(const Args& args, Context& context) {
  const age::Identity identity = age::Identity::generate();
  const std::string recipient = identity.recipient().text();
  const std::string text = key_file(identity, context.env.now_ms());
  const std::string output = args.get("--output");
  if (!output.empty()) LT_TRY(write_key(context.env, output, text));
  if (context.out.json_mode()) {
    Json j{{"recipient", recipient}};
    j["identity"] = output.empty() ? Json(identity.text()) : Json();
    j["output"] = output.empty() ? Json() : Json(output);
    context.out.document(j);
  } else if (output.empty()) {
    context.out.text(text);
  } else {
    context.out.line(recipient);
  }
  return kExitDone;
}

}  // namespace

extern const Command kKeygenCommand;
const Command kKeygenCommand = {"keygen", "make a key pair for sealed archives", spec, run};

}  // namespace litetool
