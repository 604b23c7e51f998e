# One transaction: what it is, the tables, and the rows before and after.
mounted data
sql() { sqlite3 data/app.db "$1"; }
sql "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT); CREATE INDEX names ON t (name)"
sql "INSERT INTO t VALUES (1, 'one'), (2, 'two')"
sql "BEGIN; UPDATE t SET name = 'zwei' WHERE id = 2; DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (3, NULL); COMMIT"
plain() { sed -E 's/20[0-9-]+T[0-9:.]+Z/TIME/; s/[0-9,]+ bytes in .*/N bytes in FILE/'; }
litetool show data/app.db | plain | sed 's/checksum .*/checksum SUM/'
litetool show data/app.db 2 --stat | plain | sed 's/checksum .*/checksum SUM/'
litetool show data/app.db 1 --stat | sed -n 2p
litetool show data/app.db --json | json_names
unmounted data
litetool show data/app.db latest~1 | tail -n 2
code litetool show data/app.db 9 2>&1 | sed "s/:.*//"
make_chain chain
code litetool show chain
code litetool show missing.db
