# Only the history is out of room: programs go on, and what was missed is one marked transaction as
# soon as there is room again.
full_disk disk 3900
for mode in wal delete; do
  rm -rf disk/history data/*
  head -c 3900K /dev/zero >disk/fill
  litetool mount --daemon -q --log-file log --history disk/history data >out
  sqlite3 data/app.db "PRAGMA journal_mode = $mode; CREATE TABLE t (a INTEGER PRIMARY KEY, b)"
  inserts data/app.db 150
  eventually is_state 'not captured'
  rm disk/fill
  sqlite3 data/app.db "INSERT INTO t (b) VALUES ('room'); PRAGMA integrity_check; SELECT count(*) FROM t"
  eventually is_state ready
  litetool unmount -q data
  grep -o 'capture had failed' disk/history/db/app.db/marks | sort -u
  whole_history disk/history/app.db disk/history/db/app.db
done
