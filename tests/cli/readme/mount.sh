# The README's first walk, on a real mount.
need sqlite3 fusermount3
test -w /dev/fuse || skip "there is no /dev/fuse that may be opened here"
test "$(id -u)" = 0 || skip "mounting needs root here"
. "$SOURCE/tests/cli/readme/blocks.bash"
leave() {
  local d
  for d in "$PWD"/walk/*/ "$PWD"/*/; do
    if mountpoint -q "$d"; then umount -l "$d"; fi
  done
  wait
}
trap leave EXIT
run_blocks 'console mount'
