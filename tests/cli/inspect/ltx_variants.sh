# every variant of LTX is told by its bytes
for f in "$GOLDEN"/ltx/*-snap.ltx; do
  echo "$(basename "$f"): $(litetool inspect --json "$f" | grep -o '"variant":"[^"]*"')"
done
cp "$GOLDEN/ltx/v0.5.2-incr.ltx" a.ltx
litetool inspect a.ltx
flip a.ltx 130
code litetool inspect a.ltx
