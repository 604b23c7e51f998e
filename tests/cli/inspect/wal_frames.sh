# frames of a live log, then of one whose second commit is damaged
wal() {
  sqlite3 app.db "PRAGMA page_size = 512; PRAGMA journal_mode = WAL; CREATE TABLE t (x);" \
    "INSERT INTO t VALUES (1);" "INSERT INTO t VALUES (2);" ".shell cp app.db-wal copy-wal" \
    ".shell cp app.db-shm copy-shm"
}
wal
litetool inspect --frames copy-wal
litetool inspect --json copy-shm
flip copy-wal 1200
litetool inspect --json copy-wal
