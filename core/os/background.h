// Threads whose work may wait for everybody else's, and threads that everybody else waits for.
#pragma once

namespace litetool {

// The calling thread gets the processor and the disk only when nobody else wants them. What the
// kernel does not grant is left as it is.
void become_background_thread();

// The calling thread, and those that it starts, get the processor before others do: they work in
// short bursts, with locks held that others need. The same for what the kernel does not grant.
void become_urgent_thread();

}  // namespace litetool
