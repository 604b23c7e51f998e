# Histories of others; ranges, gaps, and states that are no SQLite database.
need sqlite3
for i in 1 2 3; do
  sqlite3 app.db "CREATE TABLE t$i (a)"
  litetool ltx encode -q app.db -o "$i.ltx" --txid "$i" --timestamp "2026-11-20T10:0$i:00.000Z"
done
mkdir snapshots && cp [13].ltx snapshots
litetool log snapshots | sed 's/ *$//'
echo "pages that are none of SQLite's:"
make_chain chain
litetool log chain
litetool log chain --until 2023-11-14T22:13:19Z
code litetool log chain --stat
code litetool log chain --since tag:x
code litetool log chain --since 1 --json
code litetool log chain --follow --until 1
code litetool log missing.db
