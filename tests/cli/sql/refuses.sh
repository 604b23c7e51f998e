# Nothing is written, and what cannot be had is refused by name.
need sqlite3
sqlite3 app.db "CREATE TABLE t (a); INSERT INTO t VALUES (1)"
keep_state app.db past 1
code litetool sql past -q "DELETE FROM t"
code litetool sql past -q "SELEC 1"
code litetool sql past -q "SELECT * FROM missing"
code litetool sql past -q "ATTACH 'app.db' AS other"
code litetool sql past -q --at 2 "SELECT 1"
code litetool sql past -q --attach old "SELECT 1"
code litetool sql past
code litetool sql app.db "SELECT 1"
flip past/0000000000000001-0000000000000001.ltx 103
code litetool sql past -q "SELECT * FROM t"
