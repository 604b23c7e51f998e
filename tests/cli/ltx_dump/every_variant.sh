# Header, pages, index and trailer of one file of each variant.
for f in "$GOLDEN"/ltx/*-incr.ltx "$GOLDEN"/ltx/v0.1.0-event.ltx; do
  echo "== $(basename "$f")"
  litetool ltx dump "$f"
done
