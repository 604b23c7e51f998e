// How `ltx dump` shows what an image is made of: text laid out as the ltx tool does, or JSON lines.
#pragma once

#include <memory>
#include <optional>

#include "cmd/output.h"
#include "core/ltx/image_dump.h"
#include "formats/sqlite/page_map.h"

namespace litetool {

struct DumpView {
  std::optional<Pgno> page;         // only this one
  bool hex = false;                 // the bytes of pages too
  const PageMap* owners = nullptr;  // whose page is whose, where that is known
};

class DumpPrinter : public DumpSink {
 public:
  DumpPrinter(Output& out, const DumpView& view) : out_(out), view_(view) {}
  // The first damage that was told, if any.
  const std::optional<Error>& first_damage() const { return first_damage_; }

 protected:
  bool wanted(Pgno pgno) const { return !view_.page || *view_.page == pgno; }
  // What the page is, from the map where that knows it, else from its bytes.
  PageKind kind_of(Pgno pgno, Bytes page) const;
  // "users", or "" where it is not known.
  std::string owner_of(Pgno pgno) const;
  void note_header(const ltx::Header& header, Bytes first_page);
  void note_damage(const Error& error);

  Output& out_;
  const DumpView view_;
  FileHeader database_;  // of page 1, once seen; else what the image says
  Pgno commit_ = 0;
  ltx::Variant variant_ = ltx::Variant::kV3Block;

 private:
  std::optional<Error> first_damage_;
};

// For out.json_mode() or for people.
std::unique_ptr<DumpPrinter> make_dump_printer(Output& out, const DumpView& view);

}  // namespace litetool
