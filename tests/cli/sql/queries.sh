# The past is queried as it was: one state, and two together; as a table, CSV and JSON.
need sqlite3
sqlite3 app.db "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, score REAL, photo BLOB);
  INSERT INTO users VALUES (1, 'ann', 1.5, x'00ff'), (2, 'bob', NULL, NULL)"
keep_state app.db past 1
sqlite3 app.db "DELETE FROM users WHERE id = 1; INSERT INTO users VALUES (10, 'a, \"b\"', 9e999, x'')"
keep_state app.db past 2
litetool sql past --at 1 "SELECT * FROM users"
litetool sql past "SELECT * FROM users; SELECT 1 AS n, 2 AS n"
litetool sql past --csv -q --at '2026-11-20T10:02:30Z' "SELECT * FROM users"
litetool sql past --json -q "SELECT *, id FROM users"
litetool sql past -q --attach old=1 --attach new=2 \
  "SELECT * FROM old.users EXCEPT SELECT * FROM new.users; SELECT count(*) FROM main.users"
litetool sql past -q "CREATE TEMP TABLE t AS SELECT name FROM users ORDER BY name DESC; SELECT * FROM t"
litetool sql past -q "SELECT * FROM users WHERE 0"
litetool sql past -q "-- nothing"
