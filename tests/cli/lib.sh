# Helpers for the golden cases; loaded by tests/cli/run.
unset BASH_ENV
export TZ=UTC
set -u

# skip REASON: ends the case; it counts as skipped.
skip() {
  echo "$*"
  exit 77
}

# need COMMAND...: skips where a program is not installed.
need() {
  local c
  for c; do command -v "$c" >/dev/null || skip "$c is not installed"; done
}

# code COMMAND...: runs it and prints its exit code as a line of its own.
code() {
  "$@"
  echo "exit $?"
}

# by_one_sqlite FILE...: the header says 3.40.1, whatever release of SQLite has written the file, so
# that its checksums are the same. Not in a mount, which would see a transaction.
by_one_sqlite() {
  local file
  for file; do
    printf '\0\56\143\1' | dd of="$file" bs=1 seek=96 conv=notrunc status=none
  done
}

# make_db FILE [ROWS [PAGE_SIZE]]: a small database, the same bytes from the same SQLite.
make_db() {
  sqlite3 "$1" "PRAGMA page_size = ${3:-4096};
    CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, email TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${2:-100})
    INSERT INTO users SELECT i, 'user ' || i, 'user' || i || '@example.org' FROM n;
    CREATE INDEX users_email ON users (email);"
}

# sum FILE...: one SHA-256 a line.
sum() {
  sha256sum "$@" | cut -d ' ' -f 1
}

# flip FILE OFFSET: inverts all bits of one byte.
flip() {
  local byte
  byte=$(od -An -tu1 -j "$2" -N 1 "$1")
  # shellcheck disable=SC2059
  printf "\\x$(printf %02x $((byte ^ 255)))" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}

# small_disk DIR SIZE: mounts a file system of that size on DIR and leaves it at the end; skips
# where that is not allowed.
small_disk() {
  mkdir -p "$1"
  mount -t tmpfs -o "size=$2" litetool-test "$1" 2>/dev/null || skip "mounting a small disk needs root"
  # shellcheck disable=SC2064
  trap "umount '$PWD/$1'" EXIT
}

# leftovers DIR: names in a folder, to see that no temporary file stayed behind.
leftovers() {
  find "$1" -mindepth 1 -printf '%P\n' | sort
}

# make_chain DIR: two golden files that follow one another, under their chain names.
make_chain() {
  mkdir -p "$1"
  cp "$GOLDEN/ltx/v0.5.2-snap.ltx" "$1/0000000000000001-0000000000000001.ltx"
  cp "$GOLDEN/ltx/v0.5.2-incr.ltx" "$1/0000000000000002-0000000000000002.ltx"
}

# make_history DIR: a directory with the history of app.db, of two transactions.
make_history() {
  make_chain "$1/.litetool/db/app.db"
}

# json_names: one JSON document a line on stdin; prints the names in each, to hold its shape.
json_names() {
  need python3
  python3 -c '
import json, sys
for line in sys.stdin:
    print(" ".join(json.loads(line)))'
}

# can_mount DIR: skips where a directory cannot be mounted; makes DIR, which is unmounted at the end.
can_mount() {
  need fusermount3 sqlite3
  test -w /dev/fuse || skip "there is no /dev/fuse that may be opened here"
  test "$(id -u)" = 0 || skip "mounting needs root here"
  mkdir -p "$1"
  # shellcheck disable=SC2064
  trap "fusermount3 -u -z '$PWD/$1' 2>/dev/null; wait" EXIT
}

# eventually COMMAND...: waits until it succeeds, at most 30 seconds.
eventually() {
  local i
  for i in $(seq 300); do
    if "$@" 2>/dev/null; then return 0; fi
    sleep 0.1
  done
  echo "still not so after 30 s: $*"
  return 1
}

# mounted DIR: mounts it for this case and waits until it answers; unmounted at the end, or by
# `unmounted DIR`. Skips where a directory cannot be mounted.
mounted() {
  can_mount "$1"
  litetool mount "$1" >mount.log 2>mount.err &
  mount_pid=$!
  for _ in $(seq 100); do
    if [ -s mount.log ]; then return; fi
    if ! kill -0 "$mount_pid" 2>/dev/null; then break; fi
    sleep 0.1
  done
  cat mount.err
  exit 1
}

unmounted() {
  fusermount3 -u "$1" && wait "$mount_pid"
}

# json_values NAME...: one JSON document a line on stdin; prints the values of those names.
json_values() {
  need python3
  python3 -c '
import json, sys
for line in sys.stdin:
    print(" ".join(str(json.loads(line)[name]) for name in sys.argv[1:]))' "$@"
}

# keep_state DB DIR N: adds the database as it is to a folder of LTX files, as transaction N (1 to 9)
# of 10:0N on a day in 2026.
keep_state() {
  mkdir -p "$2"
  litetool ltx encode "$1" -q --txid "$3" --timestamp "2026-11-20T10:0$3:00Z" \
    -o "$2/0000000000000001-000000000000000$3.ltx"
}

# full_disk DIR KIB: a disk of 4 MiB on DIR, of which the file DIR/fill takes KIB; skips where
# that is not allowed. It and the mount of data are left at the end.
full_disk() {
  can_mount data
  mkdir -p "$1"
  mount -t tmpfs -o size=4m litetool-test "$1" 2>/dev/null || skip "mounting a small disk needs root"
  # shellcheck disable=SC2064
  trap "fusermount3 -u -z '$PWD/data' 2>/dev/null; umount -l '$PWD/$1' 2>/dev/null" EXIT
  head -c "${2}K" /dev/zero >"$1/fill"
}

# inserts FILE N: that many transactions of 3000 bytes; prints each complaint once.
inserts() {
  for _ in $(seq "$2"); do echo 'INSERT INTO t (b) VALUES (randomblob(3000));'; done |
    sqlite3 "$1" 2>&1 | grep -o 'database or disk is full' | sort -u
}

# is_state WORDS: how the mount of data says that app.db stands.
is_state() { litetool status data | grep -q "^app.db  *$1  "; }

# whole_history SOURCE FOLDER: each of its transactions can be restored, and its last is data/app.db.
whole_history() {
  code litetool ltx verify --deep -q "$2"
  local txid bad=0
  for txid in $(litetool events "$1" | grep -o '"txID":"[^"]*"' | cut -d '"' -f 4); do
    litetool restore -q "$1" --at "0x$txid" -o out --force || bad=$((bad + 1))
  done
  echo "$bad transactions cannot be restored"
  litetool restore -q "$1" -o out --force
  cmp <(sqlite3 data/app.db .dump) <(sqlite3 out .dump) && echo the same
}

# kill_replacements DATABASE DELAY...: a replacement of the database, by `replace old|new DATABASE` of
# the case, is killed after each time; it must hold 4000 rows as before or 6000 as after, be sound,
# and agree with its history.
kill_replacements() {
  local database=$1 wrong=0 delay state pid rows sound
  shift
  for delay; do
    for state in new old; do
      replace $state "$database" &
      pid=$!
      sleep "$delay"
      kill -KILL $pid 2>/dev/null
      wait $pid 2>/dev/null
      rows=$(sqlite3 -cmd '.timeout 10000' "$database" 'SELECT count(*) FROM t')
      case $rows in
        4000 | 6000) ;;
        *) wrong=$((wrong + 1)); echo "$database after $delay: $rows rows" ;;
      esac
      sound=$(sqlite3 "$database" 'PRAGMA integrity_check')
      test "$sound" = ok || { wrong=$((wrong + 1)); echo "$database after $delay: $sound"; }
      litetool audit "$database" -q >audit.txt || { wrong=$((wrong + 1)); cat audit.txt; }
    done
  done
  echo "$database: $wrong wrong"
}
