# A LiteFS data directory, by every name of a database in it; LTX files of a folder, and one file.
need sqlite3
mkdir -p data/dbs/app/ltx
cp "$GOLDEN/ltx/v0.3.14-lz4-snap.ltx" data/dbs/app/ltx/0000000000000001-0000000000000001.ltx
cp "$GOLDEN/ltx/v0.3.14-lz4-incr.ltx" data/dbs/app/ltx/0000000000000002-0000000000000002.ltx
litetool ltx apply -q -d want.db data/dbs/app/ltx
for name in data data/dbs/app data/dbs/app/ltx data/dbs/app/database; do
  rm -f out.db
  litetool restore "$name" --check none -o out.db -q && cmp out.db want.db && echo "same from $name"
done
litetool restore data/dbs/app/ltx/0000000000000001-0000000000000001.ltx --check none -o one.db
litetool restore data --plan
litetool restore data --plan --json | json_names
mkdir -p data/dbs/other/ltx
code litetool restore data -o other.db
