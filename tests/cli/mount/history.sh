# The history in a directory of its own: nothing of it in the source, and all commands find it.
can_mount data
mkdir disk
mount_it() {
  litetool mount --daemon -q --tier cached --history disk/history "$@"
}
row() { litetool status "$1" | sed -n "$2p" | grep -o '^[^(]*' | sed 's/  .*//'; }
code mount_it data
sqlite3 data/app.db 'CREATE TABLE t (a); INSERT INTO t VALUES (1)'
sqlite3 data/db 'CREATE TABLE t (a)'
ls -A data
for what in data disk/history; do row $what 1; row $what 3; done
row data/app.db 3
for what in data/app.db disk/history/app.db disk/history/db/app.db data/db; do
  code litetool restore -q "$what" -o out --force
  sqlite3 out 'SELECT count(*) FROM sqlite_schema'
done
code litetool restore -q data -o out --force
code litetool restore -q data/none.db -o out --force
litetool events data/app.db | grep -c '"db":"app.db"'
echo -- served already
mkdir view
trap "fusermount3 -u -z '$PWD/data' 2>/dev/null; fusermount3 -u -z '$PWD/view' 2>/dev/null" EXIT
mkdir other
code litetool mount --history disk/history other
litetool unmount -q data
ls -A data disk/history
row disk/history 1
echo -- renamed, moved and adopted
mv data moved && mkdir data
code litetool mount -q --history disk/history moved -- true
code litetool mount --history disk/history other
code litetool mount -q --adopt --history disk/history other -- true
sed 's/[0-9a-f]\{16\}/ID/; s/\(inode\|born\) .*/\1 N/' disk/history/identity
echo litetool history 2 >disk/history/identity
code litetool mount --history disk/history other
code litetool status disk/history
code litetool restore disk/history/app.db -o out
echo -- places that cannot be
code litetool mount --history data/history data
code litetool mount --history view/history --source data view
code litetool mount --history data data
code litetool mount --history . data
code litetool mount --history missing/history data
code litetool mount --history disk/history/identity data
mkdir -p data/.litetool
code litetool mount -q --history data/.litetool data -- true
echo -- settings
printf '[mount]\nhistory = "disk/set"\n' >litetool.toml
code litetool mount -q --config litetool.toml data -- true
ls disk
printf '[mount]\nhistory = "elsewhere"\n' >disk/set/config.toml
code litetool mount --history disk/set data
echo -- another one in the directory itself
mkdir both && sqlite3 both/a.db 'CREATE TABLE t (a)'
code litetool mount -q both -- true
code litetool mount -q --history disk/second both -- true
