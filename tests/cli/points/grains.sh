# Every transaction, ranges, snapshots that stand alone, and gaps between and behind them.
need sqlite3
mkdir all
for i in 1 2 3 4 5 6; do
  sqlite3 app.db "CREATE TABLE t$i (a)"
  litetool ltx encode -q app.db -o "snap$i.ltx" --txid "$i" --timestamp "2026-11-20T10:0$i:00.000Z"
done
# points_of NUMBER...: of a folder with these snapshots
points_of() {
  rm -rf some && mkdir some
  for n; do cp "snap$n.ltx" "some/$n.ltx"; done
  litetool points some | sed 's/  */ /g'
}
points_of 3
points_of 1 2 3
points_of 1 3 6
echo "a chain:"
make_chain chain
litetool points chain
litetool points chain --json | json_names
echo "a range, and files behind a gap:"
mkdir merged && litetool ltx compact -q chain -o merged/range.ltx
litetool points merged
cp "$GOLDEN/ltx/v0.5.2-incr.ltx" alone.ltx
code litetool points alone.ltx
code litetool points missing.db
