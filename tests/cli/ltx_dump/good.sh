litetool ltx dump --hex "$GOLDEN/ltx/v0.5.2-snap.ltx"
litetool ltx dump "$GOLDEN/ltx/v0.1.0-event.ltx"
litetool ltx dump --json "$GOLDEN/ltx/v0.3.14-lz4-incr.ltx"
make_chain chain
cat chain/* >two.ltxs
litetool ltx dump --txid 2 two.ltxs | grep TXID
litetool ltx dump --page 2 two.ltxs | grep Frame
