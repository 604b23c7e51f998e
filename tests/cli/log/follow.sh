# Following begins with the last ones, oldest first, and goes on with what comes.
mounted data
for i in 1 2 3; do sqlite3 data/app.db "CREATE TABLE t$i (a)"; done
litetool log data/app.db --follow -n 2 --json >followed 2>err &
follower=$!
lines() { test "$(wc -l <followed)" -ge "$1"; }
eventually lines 2
sqlite3 data/app.db "INSERT INTO t2 VALUES (1)"
eventually lines 3
kill "$follower" && wait "$follower"
echo "exit $?"
json_values txid tables <followed
unmounted data
