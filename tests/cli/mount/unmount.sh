# `unmount` waits until all is over; who holds a file is named; --lazy does not mind.
can_mount data
need sleep
code litetool unmount data
code litetool unmount missing
litetool mount -q --tier cached --daemon data >/dev/null
sqlite3 data/app.db 'CREATE TABLE t (a)'
sleep 30 <data/app.db &
holder=$!
code litetool unmount data 2>&1 | sed "s/pid $holder/pid N/"
kill $holder
wait $holder 2>/dev/null
code litetool unmount data
mountpoint -q data || echo unmounted
test -e data/.litetool/db/app.db/checksums && echo "the daemon has finished"
litetool mount -q --tier cached --daemon data >/dev/null
sleep 30 <data/app.db &
holder=$!
code litetool unmount --json --lazy data
mountpoint -q data || echo unmounted
kill $holder
# A dead mount is cleared.
mkdir dead
trap "fusermount3 -u -z '$PWD/data' 2>/dev/null; fusermount3 -u -z '$PWD/dead' 2>/dev/null; wait" EXIT
litetool mount -q --tier cached dead >ready 2>/dev/null &
pid=$!
disown $pid
eventually test -s ready
kill -KILL $pid
gone() { ! kill -0 $pid; }
eventually gone
code litetool log dead/app.db
litetool doctor dead | grep -A 1 'mount:'
code litetool unmount dead
ls -A dead
