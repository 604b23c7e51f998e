# A directory is mounted once; a clean unmount ends the program with 0 and leaves plain files.
mounted data
code litetool mount data
sqlite3 data/app.db 'CREATE TABLE t (a); INSERT INTO t VALUES (1)'
unmounted data
echo "exit $?"
sqlite3 data/app.db 'SELECT * FROM t'
ls -A data
sed 's/ .*(/ DIR (/; s/(passthrough,/(TIER,/; s/(cached,/(TIER,/' mount.log
