# A folder of LTX files, one of which cannot be read: what does not need it can be had, and what does
# says which it is.
keep() { # FROM TO ROWS
  sqlite3 app.db "CREATE TABLE IF NOT EXISTS t (a); INSERT INTO t VALUES ($3)"
  by_one_sqlite app.db
  litetool ltx encode app.db -q --txid "$2" --timestamp "2026-11-20T10:0$2:00Z" \
    -o "kept/000000000000000$1-000000000000000$2.ltx"
}
mkdir kept
keep 1 1 1
keep 1 2 2
keep 1 3 3
restored() {
  code litetool restore -q kept --at "$1" -o out.db --force && sqlite3 out.db 'SELECT count(*) FROM t'
}
cp kept/0000000000000001-0000000000000002.ltx second
echo '== not needed'
truncate -s 90 kept/0000000000000001-0000000000000002.ltx
restored latest
restored 1
echo '== needed'
restored 2026-11-20T10:01:30Z
restored 2
restored 2026-11-20T10:02:30Z
code litetool points kept
echo '== the last one'
cp second kept/0000000000000001-0000000000000002.ltx
truncate -s 90 kept/0000000000000001-0000000000000003.ltx
restored latest
restored 2
