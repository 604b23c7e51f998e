# What is only in the WAL is in the snapshot too.
sqlite3 app.db 'PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3);' \
  '.shell litetool ltx encode app.db -o app.ltx -q' >/dev/null
litetool ltx apply -q -d copy.db app.ltx >/dev/null
sqlite3 copy.db 'PRAGMA integrity_check; SELECT sum(a) FROM t'
