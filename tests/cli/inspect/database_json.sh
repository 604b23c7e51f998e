# one document lists every field of the header
sqlite3 app.db "PRAGMA page_size = 1024; PRAGMA auto_vacuum = 2; PRAGMA encoding = 'UTF-16be';
  PRAGMA user_version = -7; PRAGMA application_id = 42; CREATE TABLE t (x);"
litetool inspect --json app.db
