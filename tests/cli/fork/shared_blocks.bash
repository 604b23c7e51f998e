# What fork does on a file system that can share blocks: shared_blocks KIND SIZE.
shared_blocks() {
  need "mkfs.$1" filefrag
  truncate -s "$2" disk.img
  "mkfs.$1" -q disk.img >/dev/null 2>&1 || skip "mkfs.$1 does not make a file system of $2"
  mkdir -p disk
  mount -o loop disk.img disk 2>/dev/null || skip "mounting a $1 of our own is not possible here"
  trap 'fusermount3 -u -z "$PWD/view" 2>/dev/null; umount -l "$PWD/disk"' EXIT
  mkdir disk/data view
  litetool mount -q --tier cached --source disk/data view -- sqlite3 view/app.db '
    PRAGMA page_size = 4096;
    CREATE TABLE t (a INTEGER PRIMARY KEY, b);
    INSERT INTO t SELECT value, randomblob(3000) FROM generate_series(1, 2000);
    UPDATE t SET b = randomblob(3000) WHERE a = 1000;'
  sync -f disk
  local at
  for at in latest latest~1; do
    litetool fork disk/data/app.db --at $at disk/new.db --json | json_values shares_blocks written_pages
    sync -f disk
    echo "extents that are shared: $(filefrag -v disk/new.db | grep -c shared | sed 's/[1-9][0-9]*/some/')"
    litetool restore -q disk/data/app.db --at $at -o want.db
    cmp disk/new.db want.db && echo the same
    rm disk/new.db want.db
  done
  echo "the database goes on:"
  litetool fork disk/data/app.db -q disk/new.db
  cp disk/new.db copy.db
  sqlite3 disk/data/app.db 'DELETE FROM t'
  cmp disk/new.db copy.db && echo the same
  echo "to another file system:"
  litetool fork disk/data/app.db away.db --json | json_values shares_blocks
}
