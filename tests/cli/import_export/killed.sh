# An import that is killed leaves the old content or the new one, and a history that ends there.
mkdir temp
export TMPDIR=$PWD/temp  # what a killed import leaves stays here
mounted data
sqlite3 old.db 'CREATE TABLE t (a, b); INSERT INTO t SELECT value, randomblob(500) FROM generate_series(1, 4000)'
sqlite3 new.db 'CREATE TABLE t (a, b); INSERT INTO t SELECT value, randomblob(500) FROM generate_series(1, 6000)'
for mode in wal delete; do
  cp old.db data/$mode.db
  sqlite3 data/$mode.db "PRAGMA journal_mode = $mode" >/dev/null
  wrong=0
  for delay in 0.00 0.02 0.04 0.06 0.08 0.10 0.12 0.15 0.20; do
    for from in new.db old.db; do
      litetool import --force -q "$from" data/$mode.db &
      import=$!
      sleep "$delay"
      kill -KILL "$import" 2>/dev/null
      wait "$import" 2>/dev/null
      rows=$(sqlite3 -cmd '.timeout 10000' data/$mode.db 'SELECT count(*) FROM t')
      case $rows in
        4000 | 6000) ;;
        *) wrong=$((wrong + 1)); echo "$mode after $delay: $rows rows" ;;
      esac
      sound=$(sqlite3 data/$mode.db 'PRAGMA integrity_check')
      test "$sound" = ok || { wrong=$((wrong + 1)); echo "$mode after $delay: $sound"; }
      litetool audit data/$mode.db -q >audit.txt || { wrong=$((wrong + 1)); cat audit.txt; }
    done
  done
  echo "$mode: $wrong wrong"
done
exit 0
