# An import that is killed leaves the old content or the new one, and a history that ends there.
mkdir temp
export TMPDIR=$PWD/temp  # what a killed import leaves stays here
mounted data
sqlite3 old.db 'CREATE TABLE t (a, b); INSERT INTO t SELECT value, randomblob(500) FROM generate_series(1, 4000)'
sqlite3 new.db 'CREATE TABLE t (a, b); INSERT INTO t SELECT value, randomblob(500) FROM generate_series(1, 6000)'
replace() {
  exec litetool import --force -q "$1.db" "$2"
}
for mode in wal delete; do
  cp old.db data/$mode.db
  sqlite3 data/$mode.db "PRAGMA journal_mode = $mode" >/dev/null
  kill_replacements data/$mode.db 0.00 0.02 0.04 0.06 0.08 0.10 0.12 0.15 0.20
done
exit 0
