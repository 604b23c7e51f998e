// Threads whose work may wait for everybody else's.
#pragma once

namespace litetool {

// The calling thread gets the processor and the disk only when nobody else wants them. What the
// kernel does not grant is left as it is.
void become_background_thread();

}  // namespace litetool
