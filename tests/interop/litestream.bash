# Litestream makes a replica of a database under a random load, and both restore it; or it restores
# what litetool made. Sourced by the cases beside it; peer.bash says where it is looked for.

# peer_litestream VERSION: the path of the program.
peer_litestream() {
  local litestream=${LITESTREAM_PEERS:-/nonexistent}/$1/litestream
  [ -x "$litestream" ] || skip "litestream $1 is not installed (\$LITESTREAM_PEERS/$1/litestream)"
  echo "$litestream"
}

# random_change: a statement or two; what RANDOM was seeded with decides.
random_change() {
  case $((RANDOM % 6)) in
    0 | 1 | 2)
      echo "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT $((1 + RANDOM % 60)))
        INSERT INTO t(b) SELECT randomblob($((RANDOM % 2000))) FROM n;"
      ;;
    3) echo "UPDATE t SET b = randomblob(300) WHERE id % 7 = $((RANDOM % 7));" ;;
    4) echo "DELETE FROM t WHERE id % 5 = $((RANDOM % 5)); PRAGMA incremental_vacuum;" ;;
    5) echo "CREATE TABLE IF NOT EXISTS u$((RANDOM % 3)) AS SELECT randomblob(900) FROM t LIMIT 30;" ;;
  esac
}

# work DATABASE SEED ROUNDS: random transactions, a moment apart.
work() {
  local round
  RANDOM=$2
  for round in $(seq "$3"); do
    sqlite3 -cmd '.timeout 20000' "$1" "$(random_change)" >/dev/null
    sleep 0.1
  done
  sleep 1
}

make_work_db() {
  sqlite3 "$1" "PRAGMA page_size = 1024; PRAGMA auto_vacuum = 2; PRAGMA journal_mode = WAL;
    CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB);" >/dev/null
}

# replicate LITESTREAM SEED, the configuration of its replica on stdin: the program replicates app.db
# to the folder replica while a random load goes on, and ends with it.
replicate() {
  make_work_db app.db
  { declare -f random_change work && echo "work app.db $2 20"; } >load
  cat >litestream.yml
  "$1" replicate -config litestream.yml -exec "bash load" >litestream.log 2>&1 ||
    { cat litestream.log; exit 1; }
}

# restored_alike COUNT: what both say of as many states; the last one is the database.
restored_alike() {
  litetool restore --quiet replica -o ours.db --force
  cmp <(sqlite3 app.db .dump) <(sqlite3 ours.db .dump) && echo "the end is the database"
  if [ "$1" -lt 10 ]; then echo "only $1 states were compared"; fi
}

# both_restore LITESTREAM POINT [OPTIONS OF LITESTREAM...]: the same bytes.
both_restore() {
  local litestream=$1 point=$2
  shift 2
  rm -f theirs.db* ours.db*
  "$litestream" restore "$@" -o theirs.db "file://$PWD/replica" >restore.log 2>&1 || cat restore.log
  litetool restore --quiet replica --at "$point" -o ours.db
  cmp ours.db theirs.db || echo "at $point"
}

# check_replica VERSION: of Litestream 0.5, at every transaction.
check_replica() {
  local litestream file txid count=0
  need sqlite3
  litestream=$(peer_litestream "$1") || { echo "$litestream"; exit 77; }
  replicate "$litestream" 7 <<END
levels:
  - interval: 1s
  - interval: 3s
snapshot:
  interval: 2s
  retention: 1h
l0-retention: 1h
dbs:
  - path: $PWD/app.db
    monitor-interval: 50ms
    checkpoint-interval: 1s
    min-checkpoint-page-count: 50
    replica:
      type: file
      path: $PWD/replica
      sync-interval: 50ms
END
  litetool ltx verify --quiet replica/ltx/*
  for file in replica/ltx/0/*.ltx; do
    txid=$(basename "$file" .ltx)
    txid=${txid#*-}
    both_restore "$litestream" "$txid" -txid "$txid"
    count=$((count + 1))
  done
  restored_alike $count
}

# replica_times: an instant after each file of the replica, in milliseconds; none where the next file
# is so close that it matters how times are rounded, and none after the last.
replica_times() {
  local seconds fraction now last=
  while IFS=. read -r seconds fraction; do
    now=$seconds${fraction:0:3}
    if [ -n "$last" ] && [ $((now - last)) -gt 2 ]; then echo $((last + 1)); fi
    last=$now
  done < <(find replica -type f -printf '%T@\n' | sort -n)
}

# check_old_replica VERSION: of Litestream 0.3, which knows instants only.
check_old_replica() {
  local litestream ms point count=0
  need sqlite3
  litestream=$(peer_litestream "$1") || { echo "$litestream"; exit 77; }
  replicate "$litestream" 11 <<END
dbs:
  - path: $PWD/app.db
    monitor-interval: 50ms
    checkpoint-interval: 1s
    min-checkpoint-page-count: 50
    replicas:
      - type: file
        path: $PWD/replica
        sync-interval: 50ms
        snapshot-interval: 2s
        retention: 1h
END
  for ms in $(replica_times); do
    point=$(date -u -d "@${ms%???}" +%Y-%m-%dT%H:%M:%S).${ms: -3}Z
    both_restore "$litestream" "$point" -timestamp "$point"
    count=$((count + 1))
  done
  both_restore "$litestream" latest
  restored_alike $count
}

# reads_our_history VERSION VARIANT: a history that a mount wrote, converted, is a replica.
reads_our_history() {
  local litestream txid
  need sqlite3
  litestream=$(peer_litestream "$1") || { echo "$litestream"; exit 77; }
  mounted data
  make_work_db data/app.db
  work data/app.db 13 12
  unmounted data
  mkdir -p replica/ltx
  litetool ltx convert --quiet data/.litetool/db/app.db -o replica/ltx/0 --to "$2" --checksums strip >convert.log
  for txid in $(litetool log data/app.db --json | json_values txid | sort); do
    rm -f theirs.db* ours.db*
    "$litestream" restore -txid "$txid" -o theirs.db "file://$PWD/replica" >restore.log 2>&1 ||
      cat restore.log
    litetool restore --quiet data/app.db --at "$txid" -o ours.db
    cmp ours.db theirs.db || echo "at $txid"
  done
  rm -f theirs.db*
  "$litestream" restore -o theirs.db "file://$PWD/replica" >restore.log 2>&1 || cat restore.log
  cmp theirs.db data/app.db && echo "the end is the database"
}
