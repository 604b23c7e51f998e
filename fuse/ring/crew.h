// The threads that serve the requests of one processor, on that processor.
//
// A client that waits and the thread that answers it share a processor: nobody is woken on another
// one, which costs more than all the rest of a short request. Each thread has an entry of its own
// and answers what it gets, however long it takes; before it does what may wait, the crew sees to
// it that others are free. The kernel gives the next request to the thread that was free last.
#pragma once

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <thread>

#include "core/os/polite_mutex.h"
#include "fuse/ring/server.h"

namespace litetool::ring {

class Crew : private WaitListener {
 public:
  // What the crews of a mount share. `failed` is called, on any thread, when the kernel refuses
  // what it was given: the mount cannot go on.
  struct Place {
    fuse_session* session;
    int device;       // of /dev/fuse; not owned
    int wake_signal;  // has a handler that does nothing
    std::function<void(const Error&)> failed;
  };

  // Makes the first server. `place` outlives the crew. Errors: Server::make.
  static Result<std::unique_ptr<Crew>> make(const Place& place, unsigned processor);
  ~Crew() { stop(); }

  // Gives the kernel the first entry; from the reply to INIT on.
  void start();
  // Ends the threads, each after the request that it serves.
  void stop();

 private:
  Crew(const Place& place, unsigned processor) : place_(place), processor_(processor) {}
  void about_to_wait() override;
  void add(std::unique_ptr<Server> server);
  void work(Server& server);

  const Place& place_;
  unsigned processor_;
  std::unique_ptr<Server> first_;  // until start()
  std::atomic<bool> ended_{false};
  std::atomic<int> free_{0};  // threads that wait for a request, or soon will

  std::mutex mutex_;  // guards what follows
  std::condition_variable left_;
  int at_work_ = 0;  // threads that have not ended
  std::list<std::thread> threads_;
};

}  // namespace litetool::ring
