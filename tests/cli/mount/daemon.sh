# --daemon returns when the mount is there; what goes wrong before is said by it, with its code.
can_mount data
code litetool mount --daemon --tier cached data
mountpoint -q data && echo mounted
sqlite3 data/app.db 'CREATE TABLE t (a)'
code litetool mount --daemon data
# It keeps no descriptor of the caller: this substitution ends at once.
mkdir other
trap "fusermount3 -u -z '$PWD/data' 2>/dev/null; fusermount3 -u -z '$PWD/other' 2>/dev/null" EXIT
said=$(litetool mount --json --daemon --tier cached other 2>&1)
echo "$said"
fusermount3 -u other
fusermount3 -u data
eventually grep -q unmounted data/.litetool/log
sed 's/^[^ ]* //' data/.litetool/log
code litetool mount --daemon missing
code litetool mount --daemon --tier passthrough --no-such-flag data
