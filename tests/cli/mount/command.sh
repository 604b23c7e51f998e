# A command runs in the mount, gets its words as they are typed, and its exit code is ours.
can_mount data
run() { code litetool mount -q --tier cached data -- "$@"; }
run echo 'hello   world; $HOME "x"'
run sh -c 'umask; sqlite3 data/app.db "CREATE TABLE t (a)"; ls data'
run sh -c 'exit 7'
run sh -c 'kill -KILL $$'
run no-such-program
run data
# It ran in what the mount shows, also when that is where we stand.
(cd data && code litetool mount -q --tier cached . -- mountpoint -q .)
# Nothing is left behind by any of them.
mountpoint -q data || echo unmounted
# What is no command starts nothing.
code litetool mount data --
code litetool mount data -- ''
code litetool mount --daemon data -- true
