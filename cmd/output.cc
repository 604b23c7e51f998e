#include "cmd/output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "cmd/command.h"
#include "formats/base/text.h"

namespace litetool {
namespace {

const char* escape_of(Colour c) {
  switch (c) {
    case Colour::kRed:
      return "\x1b[31m";
    case Colour::kGreen:
      return "\x1b[32m";
    case Colour::kYellow:
      return "\x1b[33m";
    case Colour::kBold:
      return "\x1b[1m";
  }
  return "";
}

// Text from files may hold any bytes; JSON output must stay valid.
std::string dump(const Json& j, int indent) {
  return j.dump(indent, ' ', false, Json::error_handler_t::replace);
}

// Columns of a terminal, for UTF-8 text without wide characters.
std::size_t display_width(const std::string& s) {
  return static_cast<std::size_t>(std::ranges::count_if(
      s, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

std::string to_line(const Json& j) {
  return dump(j, -1);
}

Output::Output(std::FILE* out, std::FILE* err, bool json, bool quiet)
    : out_(out),
      err_(err),
      json_(json),
      quiet_(quiet),
      out_is_terminal_(::isatty(::fileno(out)) == 1),
      err_is_terminal_(::isatty(::fileno(err)) == 1) {
  const char* no_colour = std::getenv("NO_COLOR");
  colour_wanted_ = no_colour == nullptr || *no_colour == '\0';
}

void Output::text(const std::string& s) {
  const std::lock_guard lock(mutex_);
  if (reader_gone_ || write_errno_ != 0 || s.empty()) return;
  errno = 0;
  if (std::fwrite(s.data(), 1, s.size(), out_) == s.size()) return;
  if (errno == EPIPE) {
    reader_gone_ = true;
  } else {
    write_errno_ = errno;
  }
}

void Output::document(const Json& j) {
  line(dump(j, out_is_terminal_ ? 2 : -1));
}
void Output::json_line(const Json& j) {
  line(dump(j, -1));
}

void Output::to_stderr(const char* type, const std::string& prefix, const std::string& s) {
  const std::string line = json_ ? dump(Json{{"type", type}, {"message", s}}, -1) : prefix + s;
  const std::lock_guard lock(mutex_);
  std::fprintf(err_, "%s\n", line.c_str());
}

void Output::note(const std::string& s) {
  if (!quiet_) to_stderr("note", "", s);
}

void Output::json_note(const Json& j) {
  const std::lock_guard lock(mutex_);
  if (!quiet_) std::fprintf(err_, "%s\n", dump(j, -1).c_str());
}

void Output::warn(const std::string& s) {
  to_stderr("warning", paint(Colour::kYellow, "warning: ", true), json_ ? s : printable(s));
}

void Output::error(const Error& e) {
  if (!json_) {
    to_stderr("error", paint(Colour::kRed, "litetool: ", true), printable(e.text()));
    return;
  }
  Json j{{"type", "error"},
         {"code", name_of(e.code)},
         {"exit_code", static_cast<int>(exit_code_of(e.code))},
         {"message", e.message},
         {"offset", nullptr}};
  if (e.offset) j["offset"] = *e.offset;
  const std::lock_guard lock(mutex_);
  std::fprintf(err_, "%s\n", dump(j, -1).c_str());
}

std::string Output::paint(Colour c, const std::string& s, bool to_stderr) const {
  const bool terminal = to_stderr ? err_is_terminal_ : out_is_terminal_;
  return terminal && colour_wanted_ ? escape_of(c) + s + "\x1b[0m" : s;
}

bool Output::reader_gone() {
  const std::lock_guard lock(mutex_);
  return reader_gone_;
}

Status Output::finish() {
  const std::lock_guard lock(mutex_);
  errno = 0;
  if (std::fflush(out_) != 0) {
    if (errno == EPIPE) {
      reader_gone_ = true;
    } else if (!reader_gone_ && write_errno_ == 0) {
      write_errno_ = errno;
    }
  }
  if (write_errno_ != 0) return Error::from_errno(write_errno_, "write standard output");
  return {};
}

void Table::row(std::vector<std::string> cells) {
  LT_CHECK(cells.size() == columns_.size());
  rows_.push_back(std::move(cells));
}

void Table::remark(std::string text) {
  rows_.push_back({std::move(text)});
}

std::string Table::text() const {
  std::vector<std::size_t> widths;
  for (const Column& c : columns_) widths.push_back(display_width(c.title));
  for (const auto& cells : rows_) {
    if (cells.size() != columns_.size()) continue;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      widths[i] = std::max(widths[i], display_width(cells[i]));
    }
  }
  std::string out;
  const auto add = [&](const auto& cell_at) {
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const std::string& cell = cell_at(i);
      const std::string pad(widths[i] - display_width(cell), ' ');
      const bool last = i + 1 == columns_.size();
      if (i > 0) out += "  ";
      out += columns_[i].align == Align::kRight ? pad + cell : cell + (last ? "" : pad);
    }
    out += '\n';
  };
  add([&](std::size_t i) -> const std::string& { return columns_[i].title; });
  for (const auto& cells : rows_) {
    if (cells.size() == columns_.size()) {
      add([&](std::size_t i) -> const std::string& { return cells[i]; });
    } else {
      out += cells.front() + "\n";
    }
  }
  return out;
}

std::string Table::tsv() const {
  std::string out;
  for (const Column& c : columns_) out += (&c == &columns_.front() ? "" : "\t") + c.title;
  out += '\n';
  for (const auto& cells : rows_) {
    if (cells.size() != columns_.size()) {
      out += "# " + cells.front() + "\n";
      continue;
    }
    for (std::size_t i = 0; i < cells.size(); ++i) out += (i == 0 ? "" : "\t") + cells[i];
    out += '\n';
  }
  return out;
}

}  // namespace litetool
