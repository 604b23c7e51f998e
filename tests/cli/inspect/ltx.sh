cp "$GOLDEN/ltx/v0.5.2-snap.ltx" snap.ltx
litetool inspect snap.ltx
litetool inspect --json snap.ltx
