# Which tables a transaction touched: both kinds of tables, indexes, overflow pages, what was dropped.
mounted data
sql() { sqlite3 data/app.db "$1"; }
sql "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE kv (k PRIMARY KEY, v) WITHOUT ROWID"
sql "CREATE INDEX names ON users (name)"
sql "INSERT INTO users VALUES (1, 'a')"
sql "INSERT INTO kv VALUES (1, zeroblob(20000))"
sql "UPDATE kv SET v = randomblob(20000)"
sql "BEGIN; UPDATE users SET name = 'b'; DELETE FROM kv; COMMIT"
sql "DROP TABLE users"
sql "VACUUM"
# plain: less of what is another each time
plain() { sed -E 's/20[0-9-]+T[0-9:.]+Z/TIME/; s/  +[0-9,]+  +[0-9,]+  +[0-9.]+ KiB/ N/; s/  +/ /g'; }
litetool log data/app.db | plain
echo "of one table:"
litetool log data/app.db --table users | plain
litetool log data/app.db --table nothing
echo "with numbers:"
litetool log data/app.db --stat --until 5 --since 2 | plain
unmounted data
echo "without the mount:"
litetool log data/app.db -n 2 | plain
litetool log data/app.db --since latest~1 --json | json_names
litetool log data/app.db --since latest~1 --json | json_values txid snapshot why tables
litetool tag data/app.db add first --at 1 -q
litetool log data/app.db --until tag:first | plain
