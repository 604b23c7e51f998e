# Every view as JSON.
need sqlite3
sqlite3 app.db "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 'x'), (2, x'00')"
keep_state app.db past 1
sqlite3 app.db "UPDATE t SET b = NULL WHERE a = 2; DROP TABLE IF EXISTS none; CREATE TABLE u (c);
  INSERT INTO u VALUES ('new'); PRAGMA application_id = 5"
keep_state app.db past 2
for view in --stat --rows --sql --pages; do
  code litetool diff past 1 2 "$view" -q --json
done
code litetool diff past 1 1 --json -q
