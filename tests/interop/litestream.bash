# A replica that Litestream makes here and now: it verifies, and applied it is the database that
# Litestream restores, at its end and in between. Sourced by the cases beside it.

# grow_and_replicate LITESTREAM: a few rounds of changes, each synced to the replica.
grow_and_replicate() {
  local round
  sqlite3 app.db "PRAGMA journal_mode = WAL; CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB);" >log
  for round in 1 2 3 4 5; do
    sqlite3 app.db "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40)
      INSERT INTO t(b) SELECT randomblob(700) FROM n;
      UPDATE t SET b = randomblob(300) WHERE id % 7 = $round;" 
    "$1" replicate -once app.db "file://$PWD/replica" >>log 2>&1 || { cat log; exit 1; }
  done
}

check_fresh_replica() {
  local litestream=${LITESTREAM_PEERS:-/nonexistent}/$1/litestream files
  [ -x "$litestream" ] || skip "litestream $1 is not installed (\$LITESTREAM_PEERS/$1/litestream)"
  grow_and_replicate "$litestream"
  litetool ltx verify --quiet replica
  files=(replica/ltx/0/*.ltx)
  local count=${#files[@]} last
  for last in $((count / 2)) $count; do
    local name
    name=$(basename "${files[last - 1]}" .ltx)
    rm -f theirs.db ours.db
    "$litestream" restore -txid "${name#*-}" -o theirs.db "file://$PWD/replica" >>log 2>&1 || cat log
    litetool ltx apply --quiet -d ours.db "${files[@]:0:last}"
    cmp ours.db theirs.db && echo "the same database"
  done
}
