// Everything a command prints: results on stdout, all else on stderr; text, tables or JSON.
//
// A reader that closes the pipe ("litetool ... | head") is not an error: printing stops quietly.
// Any other failure to write stdout is remembered and turned into an exit code by finish().
#pragma once

#include <cstdio>
#include <mutex>
#include <string>
#include <vector>

#include "cmd/json.h"
#include "formats/base/result.h"

namespace litetool {

// A JSON document on one line; text from files may hold any bytes, the line is valid all the same.
std::string to_line(const Json& j);

enum class Colour { kRed, kGreen, kYellow, kBold };

class Output {
 public:
  // `json` and `quiet` as given on the command line; streams are not owned.
  Output(std::FILE* out, std::FILE* err, bool json, bool quiet);

  bool json_mode() const { return json_; }
  bool quiet() const { return quiet_; }
  bool stdout_is_terminal() const { return out_is_terminal_; }
  bool stderr_is_terminal() const { return err_is_terminal_; }

  // Result text, as it is; a newline is added by line().
  void text(const std::string& s);
  void line(const std::string& s) { text(s + "\n"); }
  // One JSON document, pretty on a terminal; or one line of a stream of objects.
  void document(const Json& j);
  void json_line(const Json& j);

  // For people, on stderr: note() is left out by --quiet, warn() is not. In JSON mode both become
  // objects with a "type".
  void note(const std::string& s);
  void json_note(const Json& j);
  void warn(const std::string& s);
  void error(const Error& e);

  // `s` in a colour, when `to_stderr`'s stream is a terminal and NO_COLOR is not set.
  std::string paint(Colour c, const std::string& s, bool to_stderr = false) const;

  // Whoever read stdout has closed it; known after a write or finish().
  bool reader_gone();

  // Flushes; kStorage or kDiskFull when results could not be written.
  Status finish();

 private:
  void to_stderr(const char* type, const std::string& prefix, const std::string& s);

  std::mutex mutex_;
  std::FILE* out_;
  std::FILE* err_;
  bool json_;
  bool quiet_;
  bool out_is_terminal_;
  bool err_is_terminal_;
  bool colour_wanted_;
  bool reader_gone_ = false;
  int write_errno_ = 0;
};

// Columns aligned for people.
class Table {
 public:
  enum class Align { kLeft, kRight };
  struct Column {
    std::string title;
    Align align = Align::kLeft;
  };
  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // One cell per column.
  void row(std::vector<std::string> cells);
  // A line of text between the rows, not aligned.
  void remark(std::string text);
  bool empty() const { return rows_.empty(); }
  // Aligned, with a title row; last column not padded.
  std::string text() const;
  // Tab-separated with a title row, remarks as lines that start with '#'.
  std::string tsv() const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;  // a single cell in a wider table is a remark
};

}  // namespace litetool
