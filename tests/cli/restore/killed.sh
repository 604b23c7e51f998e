# A restore in place that is killed leaves the old content or the new one, and a history that ends there.
mkdir temp
export TMPDIR=$PWD/temp  # what a killed restore leaves stays here
mounted data
replace() {
  exec litetool restore "$2" --at "tag:$1" --in-place -q
}
# named DATABASE TAG: what it holds now, once it is captured.
named() {
  litetool audit "$1" -q >audit.txt || cat audit.txt
  litetool tag "$1" add "$2" -q
}
for mode in wal delete; do
  sqlite3 data/$mode.db "PRAGMA journal_mode = $mode; CREATE TABLE t (a, b);
    INSERT INTO t SELECT value, randomblob(500) FROM generate_series(1, 4000)" >/dev/null
  named data/$mode.db old
  sqlite3 data/$mode.db 'UPDATE t SET b = randomblob(500) WHERE a % 5 = 0;
    INSERT INTO t SELECT value, randomblob(500) FROM generate_series(4001, 6000)'
  named data/$mode.db new
  kill_replacements data/$mode.db 0.02 0.06 0.10 0.16 0.25
done
exit 0
