# An import over a database in use is one transaction, and what was there stays a point.
mounted data
for mode in wal delete; do
  sqlite3 data/$mode.db "PRAGMA journal_mode = $mode; CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)" >/dev/null
  make_db new-$mode.db 50
  code litetool import new-$mode.db data/$mode.db
  # A client that stays connected reads the new content.
  (
    echo 'SELECT count(*) FROM t;'
    echo ".shell litetool import --force -q new-$mode.db data/$mode.db"
    echo 'SELECT count(*) FROM users; PRAGMA journal_mode;'
  ) | sqlite3 data/$mode.db
  litetool audit data/$mode.db -q | tail -n 1
  litetool restore data/$mode.db --at latest~1 -o old-$mode.db -q
  sqlite3 old-$mode.db 'SELECT sum(a) FROM t'
done
# A writer that does not finish is not run over, and another page size needs another mode.
make_db small.db 50 1024
code litetool import --force small.db data/wal.db 2>&1
litetool import --force small.db data/delete.db -q && sqlite3 data/delete.db 'PRAGMA page_size'
litetool audit data/delete.db -q | tail -n 1
# Of a content that differs in one row, the history takes that row's page and the first one.
make_db large.db 5000
for mode in wal delete; do
  litetool import large.db data/large-$mode.db -q
  sqlite3 data/large-$mode.db "PRAGMA journal_mode = $mode" >/dev/null
done
sqlite3 large.db "UPDATE users SET name = 'other one' WHERE id = 2500"
for mode in wal delete; do
  litetool import --force large.db data/large-$mode.db -q
  litetool log data/large-$mode.db -n 1 --json | json_values pages
  litetool audit data/large-$mode.db -q | tail -n 1
done
