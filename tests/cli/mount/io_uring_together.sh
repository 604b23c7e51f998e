# Mounts that start at the same moment all get the transport that they ask for.
can_mount data
need python3
switch=/sys/module/fuse/parameters/enable_uring
test -w $switch || skip "FUSE over io_uring needs root and Linux 6.14"
litetool mount --daemon -q --transport io_uring data >/dev/null || skip "no io_uring here"
fusermount3 -u data
trap 'for dir in [1-8]; do fusermount3 -u -z "$dir" 2>/dev/null; done; wait' EXIT
mkdir 1 2 3 4 5 6 7 8
for round in 1 2 3; do
  for dir in [1-8]; do litetool mount --daemon -q $dir >/dev/null & done
  wait
  for dir in [1-8]; do litetool status --json $dir; done |
    python3 -c 'import json, sys
for line in sys.stdin: print(json.loads(line)["mount"]["transport"])' | uniq -c | tr -s ' '
  for dir in [1-8]; do litetool unmount -q $dir; done
done
