# A chain, a gap, an overlap: in order, and each shown where it is.
make_chain chain
litetool ltx list chain
litetool ltx list --tsv chain
litetool ltx list --json chain
mkdir overlap && cp chain/* overlap && cp "$GOLDEN/ltx/v0.3.14-raw-compacted.ltx" overlap/0000000000000001-0000000000000002.ltx
litetool ltx list --tsv overlap | cut -f 1,2,12,15
make_db app.db 10 512
litetool ltx encode app.db -o gap.ltx -q --txid 1 --timestamp 2026-01-02T03:04:05Z >/dev/null
mkdir broken && cp gap.ltx broken/0000000000000001-0000000000000001.ltx && cp chain/*2-*2.ltx broken
litetool ltx list --tsv broken | grep '^#' | sed 's/[0-9a-f]\{16\}/ID/g'
cat chain/* >two.ltxs
litetool ltx list --tsv two.ltxs | cut -f 1,2,15
