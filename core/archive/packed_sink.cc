#include "core/archive/packed_sink.h"

namespace litetool {

Result<std::unique_ptr<PackedSink>> PackedSink::start(ByteSink& below, const Packing& packing) {
  std::unique_ptr<PackedSink> sink(new PackedSink(below));
  if (packing.lock) {
    LT_ASSIGN(sink->seal_, SealedSink::start(below, *packing.lock));
    sink->top_ = sink->seal_.get();
  }
  if (packing.zstd) {
    sink->zstd_ = std::make_unique<ZstdSink>(*sink->top_, packing.threads);
    sink->top_ = sink->zstd_.get();
  }
  return sink;
}

Status PackedSink::finish() {
  if (zstd_ != nullptr) LT_TRY(zstd_->finish());
  if (seal_ != nullptr) LT_TRY(seal_->finish());
  return {};
}

}  // namespace litetool
