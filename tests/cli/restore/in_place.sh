# Back to an earlier state while a program stays connected; and what was there can be had again.
mounted data
for mode in wal delete; do
  sqlite3 data/$mode.db "PRAGMA journal_mode = $mode; CREATE TABLE t (a)" >/dev/null
  for i in 1 2 3; do sqlite3 data/$mode.db "INSERT INTO t VALUES ($i)"; done
  cp data/$mode.db want-$mode.db
  (
    echo 'SELECT sum(a) FROM t;'
    echo ".shell litetool restore data/$mode.db --at latest~2 --in-place"
    echo 'SELECT sum(a) FROM t; PRAGMA journal_mode; INSERT INTO t VALUES (10);'
  ) | sqlite3 data/$mode.db 2>&1 | sed 's/ of 20.*Z:/:/; s/checksum .*/checksum/'
  litetool audit data/$mode.db -q | tail -n 1
  tag=$(litetool tag data/$mode.db list --json | sed 's/.*"name":"\([^"]*\)".*/\1/')
  echo "$tag" | cut -d - -f 1,2
  litetool restore data/$mode.db --at "tag:$tag" -o back.db --force -q
  sqlite3 back.db 'SELECT sum(a) FROM t'
done
# Only the pages that differ go into the history.
for mode in wal delete; do
  make_db data/large-$mode.db 5000
  sqlite3 data/large-$mode.db "PRAGMA journal_mode = $mode" >/dev/null
  sqlite3 data/large-$mode.db "DELETE FROM users WHERE id = 2500"
  litetool restore data/large-$mode.db --at latest~1 --in-place -q
  litetool log data/large-$mode.db -n 1 --json | json_values pages
  sqlite3 data/large-$mode.db 'SELECT count(*) FROM users'
done
rm data/wal.db
litetool restore data/wal.db --at latest~1 --in-place --json -q | json_values replaced
sqlite3 data/wal.db 'SELECT sum(a) FROM t'
unmounted data
sqlite3 data/delete.db 'INSERT INTO t VALUES (100)'
code litetool restore data/delete.db --at latest --in-place
code litetool restore data/delete.db --at latest --in-place -o x
code litetool restore data/.litetool/db/delete.db --in-place
litetool restore data/delete.db --at latest --in-place --force -q
sqlite3 data/delete.db 'SELECT sum(a) FROM t'
