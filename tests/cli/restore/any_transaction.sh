# Every transaction comes back as it was, mounted or not, by every way to write its number.
mounted data
mkdir data/sub
for i in 1 2 3 4; do
  sqlite3 data/sub/app.db "CREATE TABLE t$i (a); PRAGMA user_version"
  cp data/sub/app.db "want$i.db"
done >/dev/null
litetool restore data/sub/app.db --at 2 -o two.db -q
cmp two.db want2.db && echo "same while mounted"
unmounted data
for at in 1 0x2 0000000000000003 latest; do
  litetool restore data/sub/app.db --at "$at" -o "got-$at.db" -q
done
cmp got-1.db want1.db && cmp got-0x2.db want2.db && cmp got-0000000000000003.db want3.db &&
  cmp got-latest.db want4.db && echo "same after the mount"
litetool restore data/sub/app.db -o json.db --json | json_names
rm data/sub/app.db
litetool restore data/sub/app.db -o gone.db -q && cmp gone.db want4.db && echo "same without the database"
