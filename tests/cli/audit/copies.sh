# Two copies, of any kind, against each other; shapes that have no common page are told.
make_db a.db 300
cp a.db b.db
code litetool audit a.db --against b.db --digest
sqlite3 b.db 'DELETE FROM users WHERE id > 150; VACUUM'
code litetool audit a.db --against b.db -q | tail -n 4
make_db c.db 300 1024
code litetool audit a.db --against c.db -q
: >empty.db
code litetool audit empty.db --against a.db --limit 1 -q
code litetool audit empty.db --against empty.db -q
litetool ltx encode -q a.db -o a.ltx
code litetool audit a.db --against a.ltx -q | tail -n 2
code litetool audit a.ltx -q | tail -n 2
code litetool audit a.db
code litetool audit missing.db
code litetool audit a.db --against missing.db
echo 'this is no database' >text
code litetool audit text --against a.db
code litetool audit a.db --against b.db --limit x
flip a.ltx 300
code litetool audit a.ltx -q
