// litetool completion: a script that teaches a shell the commands, options and choices.
#include "cmd/command.h"
#include "cmd/completion.h"

namespace litetool {
namespace {

ArgSpec spec() {
  ArgSpec spec;
  spec.about("Print the script, or have the shell read it at start; packages install it already.")
      .positional("SHELL", Arity::kOne, "bash, zsh or fish", Complete::kNothing)
      .example("source <(litetool completion bash)", "for this bash session")
      .example("litetool completion zsh > ~/.zfunc/_litetool", "for zsh, in a folder of its fpath")
      .example("litetool completion fish > ~/.config/fish/completions/litetool.fish", "for fish")
      .exit_code(2, "the shell is not one of them");
  return spec;
}

Result<int> run(const Args& args, Context& context) {
  const std::string& shell = args.one("SHELL");
  std::string script;
  if (shell == "bash") {
    script = bash_completion();
  } else if (shell == "zsh") {
    script = zsh_completion();
  } else if (shell == "fish") {
    script = fish_completion();
  } else {
    return Error(Errc::kUsage, "'" + shell + "' is not one of bash, zsh, fish");
  }
  if (context.out.json_mode()) {
    context.out.document(Json{{"shell", shell}, {"script", script}});
  } else {
    context.out.text(script);
  }
  return kExitDone;
}

}  // namespace

extern const Command kCompletionCommand;
const Command kCompletionCommand = {"completion", "print a completion script for a shell", spec,
                                    run};

}  // namespace litetool
