# The disk of the databases is full, and the history is on it, too: programs get what SQLite gives
# then, and all goes on when there is room again.
full_disk data 3400
for mode in wal delete truncate; do
  rm -rf data/.litetool data/*
  head -c 3400K /dev/zero >data/fill
  litetool mount --daemon -q --log-file log data >out
  sqlite3 data/app.db "PRAGMA journal_mode = $mode; CREATE TABLE t (a INTEGER PRIMARY KEY, b)"
  inserts data/app.db 300
  rm data/fill
  sqlite3 data/app.db "INSERT INTO t (b) VALUES ('room'); PRAGMA integrity_check"
  eventually is_state ready
  litetool unmount -q data
  whole_history data/app.db data/.litetool/db/app.db
done
