# What two transactions changed, in every view; and there and back again by the script.
need sqlite3
sqlite3 app.db "PRAGMA page_size = 1024;
  CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, photo BLOB);
  CREATE TABLE tags (tag TEXT PRIMARY KEY, n) WITHOUT ROWID;
  CREATE TABLE notes (line);
  CREATE INDEX users_name ON users (name);
  INSERT INTO users VALUES (1, 'ann', x'00ff'), (2, 'bob', NULL), (3, 'cy', zeroblob(2000));
  INSERT INTO tags VALUES ('a', 1), ('b', 2);
  INSERT INTO notes VALUES ('one')"
keep_state app.db past 1
cp app.db one.db
sqlite3 app.db "DELETE FROM users WHERE id = 1; UPDATE users SET name = 'it''s me' WHERE id = 2;
  UPDATE users SET photo = zeroblob(1998) || x'0102' WHERE id = 3;
  INSERT INTO tags VALUES ('c', 2.5); DELETE FROM tags WHERE tag = 'a'; UPDATE tags SET n = 9 WHERE tag = 'b';
  INSERT INTO notes VALUES (NULL); CREATE VIEW v AS SELECT 1; PRAGMA user_version = 7"
keep_state app.db past 2
cp app.db two.db
code litetool diff past 1
code litetool diff past 1 2 --rows -q | cut -c 1-100
code litetool diff past 1 2 --pages -q
code litetool diff past 2 1 --sql -q | cut -c 1-100
code litetool diff past 2 2
for step in "1 2 one two" "2 1 two one"; do
  set -- $step
  cp "$3.db" patched.db
  litetool diff past "$1" "$2" --sql -q | sqlite3 patched.db
  [ "$(sqlite3 patched.db .dump)" = "$(sqlite3 "$4.db" .dump)" ] && echo "$1 became $2"
  code litetool diff past "$2" --file patched.db --rows -q
done
