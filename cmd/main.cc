// argv in, exit code out.
#include <csignal>
#include <cstdint>
#include <ctime>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "cmd/command.h"
#include "cmd/confinement.h"
#include "cmd/pager.h"
#include "cmd/registry.h"

namespace {

std::atomic<bool> g_stop = false;
std::atomic<std::int64_t> g_stopped_at_ms = 0;

std::int64_t steady_ms() {
  struct timespec now {};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

// The first signal asks the command to stop and clean up; the second one ends the process, unless
// it is the same one again: timeout(1) sends each to the process and to its group.
void on_signal(int signal_number) {
  constexpr std::int64_t kSameOneMs = 200;
  if (!g_stop.exchange(true)) {
    g_stopped_at_ms = steady_ms();
  } else if (steady_ms() - g_stopped_at_ms >= kSameOneMs) {
    std::signal(signal_number, SIG_DFL);
    std::raise(signal_number);
  }
}

void install_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  struct sigaction hangup {};
  sigaction(SIGHUP, nullptr, &hangup);
  if (hangup.sa_handler != SIG_IGN) sigaction(SIGHUP, &action, nullptr);  // not under nohup
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe shows as EPIPE, which Output takes for success
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  for (const std::string& w : words) {
    if (w == "--") return false;
    if (w == word) return true;
  }
  return false;
}

// Prints the error and turns it into an exit code.
int fail(litetool::Output& out, const litetool::Error& error) {
  out.error(error);
  return litetool::exit_code_of(error.code);
}

litetool::Result<int> run_confined(const litetool::Command& command, const litetool::ArgSpec& spec,
                                   const litetool::Args& args, litetool::Context& context) {
  // Another program: it starts while that is still allowed, and keeps its rights.
  std::optional<litetool::Pager> pager;
  if (spec.is_paged && (spec.unpaged_with.empty() || !args.has(spec.unpaged_with)))
    pager.emplace(context);
  LT_ASSIGN(const auto confinement, litetool::Confinement::enter(spec, args, context));
  try {
    return command.run(args, context);
  } catch (const std::bad_alloc&) {  // a few bytes can claim to be a database of any size
    return litetool::Error(litetool::Errc::kFailed,
                           "out of memory: an input is larger than this machine can work on, or "
                           "claims to be");
  }
}

int run_command(const litetool::Command& command, const std::vector<std::string>& words,
                litetool::Output& out) {
  const litetool::ArgSpec spec = litetool::full_spec(command);
  const auto args = litetool::parse_args(spec, words);
  if (!args) {
    litetool::Error e = args.error();
    e.message += " (see 'litetool " + std::string(command.name) + " --help')";
    return fail(out, e);
  }
  litetool::Context context{out, litetool::posix_env(), g_stop};
  const auto code = run_confined(command, spec, *args, context);
  if (!code) return fail(out, code.error());
  return *code;
}

int run(const std::vector<std::string>& words, litetool::Output& out) {
  const std::string first = words.empty() ? "--help" : words[0];
  if (first == "--help" || first == "-h" || (first == "help" && words.size() == 1)) {
    out.text(litetool::overview());
    return words.empty() ? litetool::kExitUsage : litetool::kExitDone;
  }
  const bool wants_help = first == "help" || contains(words, "--help") || contains(words, "-h");
  std::vector<std::string> rest = words;
  if (first == "help") rest.erase(rest.begin());
  if (first == "--version") rest[0] = "version";
  if (wants_help && litetool::is_group(rest[0]) &&
      (rest.size() == 1 || rest[1] == "--help" || rest[1] == "-h")) {
    out.text(litetool::overview(rest[0]));
    return litetool::kExitDone;
  }
  const auto match = litetool::find_command(rest);
  if (!match) return fail(out, match.error());
  if (wants_help) {
    out.text(litetool::help_text(*match->command));
    return litetool::kExitDone;
  }
  rest.erase(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(match->words));
  return run_command(*match->command, rest, out);
}

}  // namespace

int main(int argc, char** argv) {
  install_signals();
  const std::vector<std::string> words(argv + 1, argv + argc);
  const bool quiet = contains(words, "--quiet") || contains(words, "-q");
  litetool::Output out(stdout, stderr, contains(words, "--json"), quiet);
  const int code = run(words, out);
  const auto finished = out.finish();
  if (finished) return code;
  const int lost = fail(out, finished.error());
  // What was to be said is lost; a failure that was told of counts more.
  return code == litetool::kExitDone || code == litetool::kExitDiffers ? lost : code;
}
