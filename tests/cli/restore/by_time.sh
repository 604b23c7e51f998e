# A point in time is made of what was there by then: a snapshot that was written later may hold more
# than the transactions that it names, as those of Litestream 0.5.8 do.
mkdir kept
put() { # NAME TIME TXID
  litetool ltx encode app.db -q --txid "$3" --timestamp "2026-11-20T10:0$2:00Z" -o "kept/$1.ltx"
}
sqlite3 app.db 'CREATE TABLE t (a); INSERT INTO t VALUES (1)'
put 0000000000000001-0000000000000001 1 1
sqlite3 app.db 'INSERT INTO t VALUES (2)'
put 0000000000000001-0000000000000002 2 2
sqlite3 app.db 'INSERT INTO t VALUES (3)'
mkdir kept/later
put later/0000000000000001-0000000000000002 4 2
rows() {
  litetool restore -q kept --at "$1" -o out.db --force && sqlite3 out.db 'SELECT count(*) FROM t'
}
rows 2026-11-20T10:01:00Z
rows 2026-11-20T10:03:00Z
