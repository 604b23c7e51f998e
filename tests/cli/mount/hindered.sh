# What stands in the way of a mount is said, with a code of its own.
can_mount data
unshare -m true 2>/dev/null || skip "a mount namespace of its own needs root here"
quietly() { mount "$@" 2>/dev/null; }
export -f quietly code
unshare -m bash -c 'quietly -t tmpfs litetool-test /dev; code litetool mount data'
unshare -m bash -c 'quietly -t tmpfs litetool-test data; mount -o remount,ro data; code litetool mount data'
# An ordinary user: in a folder of another one, and without a device that he may open.
place=$(mktemp -d /tmp/litetool-test-XXXXXX)
trap "rm -rf '$place'" EXIT
mkdir "$place/data"
chmod 755 "$place"
cp "$(command -v litetool)" "$place/litetool"
nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
export -f nobody
export place
code nobody "$place/litetool" mount "$place/data" 2>&1 | sed "s|$place|PLACE|"
chown 65534 "$place/data"
unshare -m bash -c '
  quietly -t tmpfs litetool-test /dev
  mknod -m 600 /dev/fuse c 10 229
  code nobody "$place/litetool" mount "$place/data"'
# Nor may he take away what another one has mounted, or look into a history that is closed to him.
mkdir "$place/root"
litetool mount -q --tier cached --daemon "$place/root" >/dev/null
code nobody "$place/litetool" unmount "$place/root" 2>&1 | sed "s|$place|PLACE|"
litetool unmount -q "$place/root"
code nobody "$place/litetool" log "$place/root/app.db" 2>&1 | sed "s|$place|PLACE|"
