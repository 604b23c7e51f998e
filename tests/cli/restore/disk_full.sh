mounted data
sqlite3 data/app.db 'CREATE TABLE t (a)'
sqlite3 data/app.db 'INSERT INTO t VALUES (randomblob(400000))'
unmounted data
small_disk disk 256k
echo old >disk/out.db
code litetool restore data/app.db -o disk/out.db --force
cat disk/out.db
leftovers disk
