// Errors as values: Result<T>, Status, and the two macros that pass them on.
//
// Every operation that can fail returns one of these; nothing in litetool throws. An Error says
// what went wrong, where, and what to do next, in one line that main() prints as it is. Its code is
// what a script sees: each Errc has exactly one exit code (see cmd/command.h), so codes are chosen
// for the person who has to react, not for the layer that failed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace litetool {

// What kind of failure this is; the comment is the exit code of a command that ends with it.
enum class Errc : std::uint8_t {
  kFailed,       // 1: none of the below
  kUsage,        // 2: wrong arguments or configuration
  kDiffers,      // 3: compared things are not equal
  kCorrupt,      // 4: bytes that cannot be what they claim to be
  kBrokenChain,  // 5: gap, overlap or wrong lineage between transactions
  kNotFound,     // 6
  kExists,       // 7: the target is there already and --force was not given
  kNotPrimary,   // 8
  kTimeout,      // 9: timed out, or too stale
  kUnsupported,  // 10: a format or feature that is recognised and not supported
  kDenied,       // 11: permission or authentication
  kStorage,      // 12: storage or network failure, worth a retry
  kDiskFull,     // 13
  kKey,          // 14: key missing or wrong
  kInterrupted,  // 130
};

struct Error {
  Errc code = Errc::kFailed;
  int sys_errno = 0;    // errno of the system call that failed, 0 if none did
  std::string message;  // one line, lower case start, no period
  std::optional<std::uint64_t> offset =
      {};  // byte offset in the input where it was seen, if one is to blame

  Error(Errc c, std::string m) : code(c), message(std::move(m)) {}

  // Corrupt input at a byte offset. The offset is printed by whoever also knows the file's name.
  static Error corrupt(std::uint64_t at, std::string m);
  // A failed system call: `what` is verb and noun ("open app.db"); the code follows from `err`.
  static Error from_errno(int err, const std::string& what);

  // The same error with "context: " in front of its message; each layer adds at most one.
  Error with(const std::string& context) &&;
  // Message and, if there is one, " at offset N".
  std::string text() const;
};

// A value or an Error. Test with ok() or bool, then use *r or r.error().
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : v_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit on purpose
  Result(Error error) : v_(std::in_place_index<1>, std::move(error)) {}  // NOLINT
  bool ok() const { return v_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& operator*() & { return *std::get_if<0>(&v_); }
  const T& operator*() const& { return *std::get_if<0>(&v_); }
  T&& operator*() && { return std::move(*std::get_if<0>(&v_)); }
  T* operator->() { return std::get_if<0>(&v_); }
  const T* operator->() const { return std::get_if<0>(&v_); }
  Error& error() & { return *std::get_if<1>(&v_); }
  const Error& error() const& { return *std::get_if<1>(&v_); }
  Error&& error() && { return std::move(*std::get_if<1>(&v_)); }

 private:
  std::variant<T, Error> v_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT: implicit on purpose
  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  Error& error() & { return *error_; }
  const Error& error() const& { return *error_; }
  Error&& error() && { return std::move(*error_); }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;

// Prints the condition that does not hold and aborts: for invariants of our own code, never for
// input.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);

}  // namespace litetool

#define LT_CONCAT_INNER(a, b) a##b
#define LT_CONCAT(a, b) LT_CONCAT_INNER(a, b)

// Returns the error of `expr` (a Status or Result) from the enclosing function.
#define LT_TRY(expr)                                                                   \
  do {                                                                                 \
    if (auto lt_status = (expr); !lt_status.ok()) return std::move(lt_status).error(); \
  } while (false)

// LT_ASSIGN(auto x, expr): x = the value of `expr`, or return its error.
#define LT_ASSIGN(decl, expr)                                  \
  auto LT_CONCAT(lt_result_, __LINE__) = (expr);               \
  if (!LT_CONCAT(lt_result_, __LINE__).ok())                   \
    return std::move(LT_CONCAT(lt_result_, __LINE__)).error(); \
  decl = *std::move(LT_CONCAT(lt_result_, __LINE__))

// Invariant of our own code; always on.
#define LT_CHECK(cond)                                                \
  do {                                                                \
    if (!(cond)) ::litetool::check_failed(#cond, __FILE__, __LINE__); \
  } while (false)
