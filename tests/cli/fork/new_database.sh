# A fork in a mounted directory is a database with a history of its own.
mounted data
sqlite3 data/app.db 'CREATE TABLE t (a)'
for i in 1 2 3; do sqlite3 data/app.db "INSERT INTO t VALUES ($i)"; done
litetool fork data/app.db --at latest~1 data/then.db 2>&1 | sed 's/ of 20.*Z:/:/; s/checksum .*/checksum/'
sqlite3 data/then.db 'SELECT sum(a) FROM t; INSERT INTO t VALUES (10)'
sqlite3 data/app.db 'SELECT sum(a) FROM t'
eventually litetool restore -q data/then.db --at 2 -o two.db
sqlite3 two.db 'SELECT sum(a) FROM t'
litetool restore -q data/then.db --at 1 -o one.db
sqlite3 one.db 'SELECT sum(a) FROM t'
litetool audit data/then.db -q | tail -n 1
echo "nothing is replaced:"
code litetool fork data/app.db data/then.db
code litetool fork data/app.db --at 99 data/never.db 2>&1 | sed 's/ of 20.*Z$//'
code litetool fork data/none.db data/never.db
rm data/app.db
litetool fork data/app.db --at 2 away.db --json | json_values output shares_blocks written_pages
sqlite3 away.db 'SELECT sum(a) FROM t'
unmounted data
echo "without a mount:"
litetool fork data/app.db --at 3 data/plain.db --json | json_names
sqlite3 data/plain.db 'SELECT sum(a) FROM t'
litetool fork data/.litetool/db/app.db --at 3 -q other.db && cmp data/plain.db other.db && echo the same
ls data
