// Bytes that come one after another: what unsealing and decompressing read from and are.
#pragma once

#include "formats/base/bytes.h"
#include "formats/base/result.h"

namespace litetool {

class PullStream {
 public:
  virtual ~PullStream() = default;
  // Fills `out` (not empty); returns the bytes, fewer than asked only at the end, where it is 0
  // from then on. After an error nothing more may be read, and nothing that was read be trusted.
  virtual Result<std::size_t> read(MutableBytes out) = 0;
};

}  // namespace litetool
