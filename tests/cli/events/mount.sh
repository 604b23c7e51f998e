# Transactions of a mount, while it serves.
mounted data
litetool events --follow data >events &
follower=$!
eventually grep -q init events
sqlite3 data/app.db 'CREATE TABLE t (a); INSERT INTO t VALUES (1)'
sqlite3 data/wal.db 'PRAGMA journal_mode = WAL; CREATE TABLE t (a)' >/dev/null
rm data/app.db
dropped() { grep app.db events | grep -q '"commit":0'; }
created() { grep -q wal.db events; }
eventually dropped
eventually created
kill -INT $follower
wait $follower
echo "exit $?"
grep app.db events | grep -o '"txID":"[^"]*"\|"commit":[0-9]*'
unmounted data
