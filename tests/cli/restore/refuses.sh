mounted data
sqlite3 data/app.db 'CREATE TABLE t (a)'
unmounted data
code litetool restore data/app.db
code litetool restore data/app.db --at 9 -o out.db
code litetool restore data/app.db --at soon -o out.db
code litetool restore data/other.db -o out.db
mkdir elsewhere && code litetool restore elsewhere/app.db -o out.db
echo old >out.db
code litetool restore data/app.db -o out.db
cat out.db
code litetool restore data/app.db -o out.db --force -q
sqlite3 out.db .schema
segment=$(find data/.litetool -name '*.ltxs')
flip "$segment" 120
code litetool restore data/app.db -o damaged.db
leftovers . | grep -v '^data'
echo old >left.db-wal
code litetool restore data/app.db -o left.db
