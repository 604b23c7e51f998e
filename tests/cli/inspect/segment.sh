# images one after another; a cut one at the end is damage, what is before it is shown
cat "$GOLDEN"/ltx/v0.5.2-snap.ltx "$GOLDEN"/ltx/v0.5.2-incr.ltx >s.ltxs
litetool inspect --frames s.ltxs
head -c 100 "$GOLDEN"/ltx/v0.5.2-incr.ltx >>s.ltxs
code litetool inspect --json s.ltxs
