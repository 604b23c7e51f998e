# Requests over io_uring: in both tiers, and the kernel's switch for it stands as it stood before.
can_mount data
need python3
switch=/sys/module/fuse/parameters/enable_uring
test -w $switch || skip "FUSE over io_uring needs root and Linux 6.14"
# Other mounts that start at this moment turn it on, for a moment.
standing() {
  for _ in $(seq 40); do
    if [ "$(cat $switch)" = N ]; then echo N && return; fi
    sleep 0.05
  done
  echo Y
}
before=$(standing)
for tier in passthrough cached; do
  litetool mount --daemon -q --tier $tier --transport io_uring data >/dev/null || skip "no io_uring here"
  litetool status --json data | python3 -c 'import json, sys; print(json.load(sys.stdin)["mount"]["transport"])'
  test "$(standing)" = "$before" || echo "the switch has changed"
  sqlite3 data/app.db 'CREATE TABLE IF NOT EXISTS t (a); INSERT INTO t VALUES (1); SELECT count(*) FROM t'
  # More clients at once than threads were started with, each in transactions that wait for the disk.
  for n in 1 2 3 4 5 6 7 8; do
    for _ in 1 2 3; do echo "INSERT INTO t VALUES ($n);"; done |
      sqlite3 -cmd '.timeout 30000' -cmd 'CREATE TABLE IF NOT EXISTS t (a)' data/$n.db &
  done
  wait
  for n in 1 2 3 4 5 6 7 8; do sqlite3 data/$n.db 'SELECT count(*) FROM t'; done | sort | uniq -c | tr -s ' '
  litetool unmount -q data
  for db in data/*.db; do litetool audit -q "$db" >/dev/null && echo agrees; done | uniq -c | tr -s ' '
done
