// Runs a fuzz target without libFuzzer: each file of the corpus, then mutations of them from a
// fixed seed, so that every machine tries the same inputs.
//
// usage: NAME_smoke COUNT PATH...; a PATH is a file or a folder of them. The input that ends the
// process is left in crash-NAME_smoke, to be given as the only PATH with COUNT 0.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz.h"

#if defined(__SANITIZE_ADDRESS__)
extern "C" const char* __asan_default_options() {
  return "abort_on_error=1:allocator_may_return_null=0:max_allocation_size_mb=512";
}
extern "C" const char* __ubsan_default_options() {
  return "abort_on_error=1:print_stacktrace=1";
}
#endif

namespace {

using Input = std::vector<std::uint8_t>;

constexpr std::size_t kMaxInputSize = 1 << 18;
constexpr auto kTimeLimit = std::chrono::seconds(8);

const Input* g_current = nullptr;
std::string g_crash_file;

void leave_input(int signal_number) {
  const int fd = ::open(g_crash_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd >= 0 && g_current != nullptr) {
    const auto written = ::write(fd, g_current->data(), g_current->size());
    static_cast<void>(written);  // nothing can be done about it here
  }
  std::signal(signal_number, SIG_DFL);
  std::raise(signal_number);
}

void run(const Input& input) {
  g_current = &input;
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

Input read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  Input bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (bytes.size() > kMaxInputSize) bytes.resize(kMaxInputSize);
  return bytes;
}

std::vector<Input> read_corpus(int count, char** paths) {
  std::vector<std::filesystem::path> files;
  for (int i = 0; i < count; ++i) {
    if (!std::filesystem::is_directory(paths[i])) {
      files.emplace_back(paths[i]);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(paths[i])) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
  }
  std::ranges::sort(files);
  std::vector<Input> corpus;
  for (const auto& file : files) corpus.push_back(read_file(file));
  return corpus;
}

// Inputs a little wrong: what damaged disks, cut transfers and attackers make of good files.
class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed) {}

  Input mutate(Input input, const std::vector<Input>& corpus) {
    for (std::size_t n = 1 + below(4); n > 0; --n) step(input, corpus);
    if (input.size() > kMaxInputSize) input.resize(kMaxInputSize);
    return input;
  }
  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
  }

 private:
  void step(Input& input, const std::vector<Input>& corpus) {
    const std::size_t kind = below(6);
    if (kind == 5 || input.empty()) {
      splice(input, corpus[below(corpus.size())]);
      return;
    }
    // Headers are small and decide most: half of the damage goes to the first bytes.
    const std::size_t at =
        below(below(2) == 0 ? std::min<std::size_t>(input.size(), 128) : input.size());
    if (kind == 0) input[at] ^= static_cast<std::uint8_t>(1U << below(8));
    if (kind == 1) input[at] = static_cast<std::uint8_t>(below(256));
    if (kind == 2) input.resize(at);
    if (kind == 3) put_extreme(input, at);
    if (kind == 4) repeat(input, at);
  }
  // A whole number at the edge of what fits.
  void put_extreme(Input& input, std::size_t at) {
    static constexpr std::uint8_t kFill[] = {0x00, 0xff, 0x7f, 0x80, 0x01};
    const std::size_t width = std::size_t{1} << below(4);
    const std::uint8_t first = kFill[below(std::size(kFill))];
    const std::uint8_t others = kFill[below(2)];
    for (std::size_t i = 0; i < width && at + i < input.size(); ++i) {
      input[at + i] = i == 0 ? first : others;
    }
  }
  void repeat(Input& input, std::size_t at) {
    const std::size_t length = std::min(input.size() - at, 1 + below(512));
    const Input piece(input.begin() + static_cast<std::ptrdiff_t>(at),
                      input.begin() + static_cast<std::ptrdiff_t>(at + length));
    input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), piece.begin(), piece.end());
  }
  void splice(Input& input, const Input& other) {
    input.resize(below(input.size() + 1));
    const std::size_t from = below(other.size() + 1);
    input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(from), other.end());
  }

  std::mt19937_64 random_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s COUNT PATH...\n", argv[0]);
    return 2;
  }
  const std::string name = std::filesystem::path(argv[0]).filename().string();
  g_crash_file = "crash-" + name;
  for (const int s : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(s, leave_input);

  const std::vector<Input> corpus = read_corpus(argc - 2, argv + 2);
  if (corpus.empty()) {
    std::fprintf(stderr, "%s: no corpus\n", name.c_str());
    return 1;
  }
  for (const Input& input : corpus) run(input);
  Mutator mutator(20260101);
  const auto end = std::chrono::steady_clock::now() + kTimeLimit;
  const int wanted = std::atoi(argv[1]);
  int done = 0;
  for (; done < wanted && std::chrono::steady_clock::now() < end; ++done) {
    const Input input = mutator.mutate(corpus[mutator.below(corpus.size())], corpus);
    run(input);
  }
  std::printf("%s: %zu files, %d mutations\n", name.c_str(), corpus.size(), done);
  return 0;
}
