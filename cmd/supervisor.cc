#include "cmd/supervisor.h"

#include <unistd.h>

#include <csignal>

#include "core/os/notify.h"

namespace litetool {
namespace {

// Set while it is blocked: a signal that has come and that nobody has taken yet.
bool stop_is_pending() {
  sigset_t pending;
  ::sigemptyset(&pending);
  ::sigpending(&pending);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
    if (::sigismember(&pending, signal) == 1) return true;
  }
  return false;
}

// What the serving thread takes for a request to end.
void request_end() {
  ::kill(::getpid(), SIGTERM);
}

}  // namespace

Supervisor::~Supervisor() {
  if (waiter_.joinable()) waiter_.join();
}

void Supervisor::ready(const std::string& what) {
  notify_service_manager("READY=1\nMAINPID=" + std::to_string(::getpid()) + "\nSTATUS=" + what);
  if (!child_ || stop_is_pending()) return;
  const Status begun = child_->begin();
  if (!begun) {
    refused_ = begun.error();
    request_end();
    return;
  }
  waiter_ = std::thread([this] { wait_for_child(); });
}

void Supervisor::wait_for_child() {
  child_code_ = child_->wait();
  request_end();
}

bool Supervisor::stops(int signal, bool from_terminal) {
  if (signal == SIGHUP && log_.has_file()) {
    const Status opened = log_.reopen();
    if (!opened) log_.write(LogLevel::kWarning, opened.error().text());
  }
  // The terminal has told the child itself.
  if (child_ && child_->running()) {
    if (!from_terminal) child_->send(signal);
    return false;
  }
  if (signal == SIGUSR1 || signal == SIGUSR2) return false;
  if (signal == SIGHUP && log_.has_file() && !child_) return false;
  int none = 0;
  stop_signal_.compare_exchange_strong(none, signal);
  notify_service_manager("STOPPING=1");
  return true;
}

Result<int> Supervisor::finish() {
  constexpr int kSignalled = 128;
  if (refused_) return *refused_;
  if (!child_) return 0;
  if (!waiter_.joinable()) return stop_signal_ == 0 ? 0 : kSignalled + stop_signal_;
  if (child_->send(SIGTERM)) {
    log_.write(LogLevel::kWarning, "the mount was taken away: ending the command that ran in it");
  }
  waiter_.join();
  return child_code_.load();
}

}  // namespace litetool
