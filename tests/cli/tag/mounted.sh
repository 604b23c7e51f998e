# Names are given while the directory is mounted, and hold afterwards.
mounted data
sqlite3 data/app.db 'CREATE TABLE t (a)'
litetool tag data/app.db add empty -q
sqlite3 data/app.db 'INSERT INTO t VALUES (1)'
litetool restore data/app.db --at tag:empty -o empty.db -q
sqlite3 empty.db 'SELECT count(*) FROM t'
litetool tag data/app.db list | cut -c 1-24
unmounted data
litetool restore data/app.db --at tag:empty --plan --json | json_values txid
