// litetool doctor: is everything there that litetool needs, and is it well?
#include <algorithm>

#include "cmd/command.h"
#include "cmd/doctor_checks.h"
#include "core/os/paths.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

ArgSpec spec() {
  return ArgSpec()
      .about(
          "Looks at the kernel, FUSE, the libraries, permissions, space and the clock; and in DIR\n"
          "at mounts that died, programs that have databases open, the configuration, the\n"
          "databases and their histories. Changes nothing. Each finding comes with a remedy.")
      .positional("DIR", Arity::kOptional, "directory to look at", Complete::kDirectory)
      .exit_code(kExitFailed, "there is a problem that keeps litetool from working")
      .example("litetool doctor", "can this machine mount?")
      .example("litetool doctor ./data", "and is all well in this directory?");
}

const char* severity_name(Severity severity) {
  return severity == Severity::kOk ? "ok" : severity == Severity::kWarning ? "warning" : "problem";
}

// Absolute, also where a dead mount refuses every look.
std::string absolute_or_same(const std::string& path) {
  const auto directory = absolute_directory(path);
  if (directory) return *directory;
  std::string plain = path;
  while (plain.size() > 1 && plain.ends_with('/')) plain.pop_back();
  const auto absolute = absolute_path(plain);
  return absolute ? *absolute : path;
}

void print_text(Output& out, const Findings& findings) {
  for (const Finding& f : findings) {
    const std::string mark = f.severity == Severity::kOk ? out.paint(Colour::kGreen, "ok     ")
                             : f.severity == Severity::kWarning
                                 ? out.paint(Colour::kYellow, "warning")
                                 : out.paint(Colour::kRed, "problem");
    out.line(mark + "  " + f.check + ": " + f.says);
    if (!f.remedy.empty()) out.line("         -> " + f.remedy);
  }
}

void print_json(Output& out, const Findings& findings, long problems, long warnings) {
  Json j{{"problems", problems}, {"warnings", warnings}, {"findings", Json::array()}};
  for (const Finding& f : findings) {
    j["findings"].push_back(Json{{"severity", severity_name(f.severity)},
                                 {"check", f.check},
                                 {"says", f.says},
                                 {"remedy", f.remedy.empty() ? Json() : Json(f.remedy)}});
  }
  out.document(j);
}

Result<int> run(const Args& args, Context& context) {
  Findings findings;
  check_machine(context, findings);
  if (!args.all("DIR").empty()) {
    check_directory(context, absolute_or_same(args.all("DIR").front()), findings);
  }
  const auto problems = std::ranges::count(findings, Severity::kProblem, &Finding::severity);
  const auto warnings = std::ranges::count(findings, Severity::kWarning, &Finding::severity);
  if (context.out.json_mode()) {
    print_json(context.out, findings, problems, warnings);
  } else {
    print_text(context.out, findings);
  }
  return problems == 0 ? kExitDone : kExitFailed;
}

}  // namespace

extern const Command kDoctorCommand;
const Command kDoctorCommand = {"doctor", "look for what keeps litetool from working well", spec,
                                run};

}  // namespace litetool
