# Beside a client that has the database open and an empty log, which it has just built an index of.
need sqlite3
sqlite3 app.db 'PRAGMA journal_mode = wal; CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)'
(
  echo 'SELECT sum(a) FROM t;'
  echo '.shell litetool ltx encode app.db -q -o empty.ltx && echo encoded'
  echo 'INSERT INTO t VALUES (3);'
  echo '.shell litetool ltx encode app.db -q -o one.ltx && echo encoded'
  echo 'PRAGMA wal_checkpoint(TRUNCATE);'
  echo '.shell litetool ltx encode app.db -q -o truncated.ltx && echo encoded'
) | sqlite3 app.db
for n in empty one truncated; do
  litetool ltx apply -q -d $n.db $n.ltx
  sqlite3 $n.db 'SELECT sum(a) FROM t'
done
