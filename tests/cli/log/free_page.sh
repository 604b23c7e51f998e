# A table whose first page was free until then, in a schema of several pages.
mounted data
sqlite3 data/app.db "PRAGMA page_size = 512; CREATE TABLE big (x); INSERT INTO big VALUES (zeroblob(5000))"
for i in 1 2 3 4 5 6 7 8; do
  sqlite3 data/app.db "CREATE TABLE other_$i (a_column_with_a_long_name, another_column_with_a_name, x)"
done
sqlite3 data/app.db "DROP TABLE big"
sqlite3 data/app.db "CREATE TABLE extra (x)"
unmounted data
litetool log data/app.db -n 2 --json | json_values tables
