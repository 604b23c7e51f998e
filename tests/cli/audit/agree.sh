# A database in use is what its history says, while somebody writes it, in both journal modes.
mounted data
sqlite3 data/wal.db 'PRAGMA journal_mode = wal; CREATE TABLE t (a, b)' >/dev/null
sqlite3 data/old.db 'CREATE TABLE t (a, b)'
for db in wal old; do
  for i in $(seq 60); do
    echo "INSERT INTO t SELECT $i, hex(randomblob(100)) FROM generate_series(1, 20);"
  done >"$db.sql"
  sqlite3 -cmd '.timeout 60000' "data/$db.db" <"$db.sql" &
  writer=$!
  for _ in 1 2 3 4 5; do litetool audit "data/$db.db" -q | tail -n 1; done
  wait "$writer"
  litetool audit "data/$db.db" --json | json_values agrees differing_pages unsettled_pages
done
unmounted data
litetool audit data/wal.db --digest --json | json_values agrees
litetool audit data/wal.db --json | json_names
rm data/old.db
code litetool audit data/old.db -q | tail -n 1
