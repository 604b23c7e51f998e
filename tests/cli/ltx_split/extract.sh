# One page, from files with an index and without, and from a segment.
make_chain chain
litetool ltx apply -q -d app.db chain >/dev/null
cat chain/* >two.ltxs
litetool ltx extract two.ltxs --txid 1 --page 1 -o - | sum
for f in chain/*1.ltx "$GOLDEN"/ltx/v0.3.14-raw-snap.ltx "$GOLDEN"/ltx/v0.3.0-lz4-snap.ltx "$GOLDEN"/ltx/v0.1.0-snap.ltx; do
  litetool ltx extract "$f" --page 1 -o - | sum
done
head -c 512 app.db | sum
code litetool ltx extract two.ltxs --page 1 -o -
code litetool ltx extract two.ltxs --txid 2 --page 1 -o -
code litetool ltx extract chain/*1.ltx --page 3 -o -
code litetool ltx extract two.ltxs --page 1 --txid 9 -o -
code litetool ltx extract two.ltxs --page 0 -o -
litetool ltx extract two.ltxs --page 1 --txid 1 -o page.bin
code litetool ltx extract two.ltxs --page 1 --txid 1 -o page.bin
litetool ltx extract chain/*1.ltx --page 2 -o - >/dev/full
