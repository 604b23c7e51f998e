// Telling the service manager how far we are: the datagrams that systemd reads from Type=notify
// services.
#pragma once

#include <string>

namespace litetool {

// Sends `state` ("READY=1") to the socket that NOTIFY_SOCKET names; without one, or when nobody
// listens, nothing happens: whether the manager hears us is its own concern.
void notify_service_manager(const std::string& state);

}  // namespace litetool
