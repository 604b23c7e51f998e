# The whole demo; it leaves no mount and no folder behind.
test -w /dev/fuse || skip "there is no /dev/fuse that may be opened here"
test "$(id -u)" = 0 || skip "mounting needs root here"
mkdir tmp
TMPDIR=$PWD/tmp "$SOURCE/scripts/demo" >out 2>&1 || { cat out; exit 1; }
tail -n 1 out
grep -c 'ok: ' out
grep "^ *Without a mount" out
leftovers tmp
grep -c "$PWD" /proc/mounts
exit 0
