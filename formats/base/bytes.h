// Integers of fixed byte order in byte buffers, and bounded readers and writers over them.
//
// Loads and stores are memcpy plus a byte swap, which compiles to one or two instructions; buffers
// are never cast to structs. ByteReader fails stickily: read all fields of a record in the order of
// its table, then test ok() once.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace litetool {

using Bytes = std::span<const std::byte>;   // read-only view, not owned
using MutableBytes = std::span<std::byte>;  // writable view, not owned
using Buffer = std::vector<std::byte>;      // owned

constexpr std::uint8_t byte_swap(std::uint8_t v) {
  return v;
}
constexpr std::uint16_t byte_swap(std::uint16_t v) {
  return __builtin_bswap16(v);
}
constexpr std::uint32_t byte_swap(std::uint32_t v) {
  return __builtin_bswap32(v);
}
constexpr std::uint64_t byte_swap(std::uint64_t v) {
  return __builtin_bswap64(v);
}

// Native, big-endian and little-endian load from / store to memory the caller has checked.
template <std::unsigned_integral T>
T load(const void* p) {
  T v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
template <std::unsigned_integral T>
T load_be(const void* p) {
  return std::endian::native == std::endian::little ? byte_swap(load<T>(p)) : load<T>(p);
}
template <std::unsigned_integral T>
T load_le(const void* p) {
  return std::endian::native == std::endian::big ? byte_swap(load<T>(p)) : load<T>(p);
}
template <std::unsigned_integral T>
void store_be(void* p, T v) {
  if (std::endian::native == std::endian::little) v = byte_swap(v);
  std::memcpy(p, &v, sizeof v);
}
template <std::unsigned_integral T>
void store_le(void* p, T v) {
  if (std::endian::native == std::endian::big) v = byte_swap(v);
  std::memcpy(p, &v, sizeof v);
}

// Reads fields from the front of a view. After a read past the end every further read yields zero.
class ByteReader {
 public:
  explicit ByteReader(Bytes b) : bytes_(b) {}
  template <std::unsigned_integral T>
  T be() {
    const std::byte* p = take(sizeof(T));
    return p ? load_be<T>(p) : T{0};
  }
  template <std::unsigned_integral T>
  T le() {
    const std::byte* p = take(sizeof(T));
    return p ? load_le<T>(p) : T{0};
  }
  Bytes bytes(std::size_t n) {
    const std::byte* p = take(n);
    return p ? Bytes(p, n) : Bytes();
  }
  void skip(std::size_t n) { take(n); }
  bool ok() const { return ok_; }
  std::size_t position() const { return pos_; }
  std::size_t remaining() const { return bytes_.size() - pos_; }

 private:
  const std::byte* take(std::size_t n) {
    if (!ok_ || n > remaining()) {
      ok_ = false;
      return nullptr;
    }
    const std::byte* p = bytes_.data() + pos_;
    pos_ += n;
    return p;
  }
  Bytes bytes_;
  std::size_t pos_ = 0;
  bool ok_ = true;
};

// Appends fields to a Buffer it does not own.
class ByteWriter {
 public:
  explicit ByteWriter(Buffer& out) : out_(out) {}
  template <std::unsigned_integral T>
  void be(T v) {
    std::byte raw[sizeof(T)];
    store_be(raw, v);
    out_.insert(out_.end(), raw, raw + sizeof(T));
  }
  void bytes(Bytes b) { out_.insert(out_.end(), b.begin(), b.end()); }
  void zeros(std::size_t n) { out_.insert(out_.end(), n, std::byte{0}); }

 private:
  Buffer& out_;
};

// Text as bytes, for tests and magic strings.
inline Bytes as_bytes(std::string_view s) {
  return {reinterpret_cast<const std::byte*>(s.data()), s.size()};
}
bool all_zero(Bytes b);

// "1a2b…", lower case, two digits a byte.
std::string to_hex(Bytes b);
// Classic dump: offset, 16 bytes, ASCII; runs of equal rows are collapsed to "***", the last row is
// always shown. Offsets start at `base`. Each row ends with a newline.
std::string hexdump(Bytes b, std::uint64_t base = 0);

}  // namespace litetool
