# A script of SQL makes the same content again: every encoding, kind of table and kind of value.
mounted data
schema="
  CREATE TABLE plain (a, \"b \"\"c\", rowid_ INT);
  INSERT INTO plain VALUES (1, 'it''s', NULL), (2.5, x'00ff', 'line' || char(10) || 'end'), (1e300, '', -0.0);
  INSERT INTO plain (rowid, a) VALUES (100, 9007199254740993), (-5, 9223372036854775807), (7, 0.1 + 0.2);
  DELETE FROM plain WHERE rowid = 2;
  CREATE TABLE keyed (k TEXT PRIMARY KEY, v, g AS (v + 1), s AS (v + 2) STORED) WITHOUT ROWID;
  INSERT INTO keyed VALUES ('x', 1), ('y', 2);
  CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT NOT NULL) STRICT;
  INSERT INTO counted (t) VALUES ('ä'), ('€'), ('one more');
  DELETE FROM counted WHERE id = 3;
  CREATE INDEX plain_a ON plain (a) WHERE a > 1;
  CREATE VIEW both AS SELECT k FROM keyed UNION SELECT t FROM counted;
  CREATE TRIGGER forbid BEFORE INSERT ON plain BEGIN SELECT raise(abort, 'no'); END;
  CREATE VIRTUAL TABLE words USING fts5(body);
  INSERT INTO words VALUES ('the quick fox'), ('a slow snail');
  ANALYZE;
  PRAGMA user_version = 7;
  PRAGMA application_id = 1234567;"
for encoding in UTF-8 UTF-16le UTF-16be; do
  sqlite3 "data/$encoding.db" "PRAGMA page_size = 1024; PRAGMA encoding = '$encoding'; $schema"
  sqlite3 "data/$encoding.db" 'CREATE TABLE later (a)'
  litetool export "data/$encoding.db" --at latest~1 --format sql -o "$encoding.sql" -q
  litetool import "$encoding.sql" "made-$encoding.db" -q
  litetool export "data/$encoding.db" --format sql -o - |
    sqlite3 -cmd '.dbconfig defensive off' "shell-$encoding.db" >shell.txt
  litetool restore "data/$encoding.db" --at latest~1 -o "want-$encoding.db" -q
  ask='PRAGMA encoding; PRAGMA page_size; PRAGMA user_version; PRAGMA application_id;
    SELECT rowid, * FROM plain; SELECT * FROM keyed; SELECT seq FROM sqlite_sequence;
    SELECT rowid, body FROM words WHERE words MATCH "slow"; SELECT * FROM sqlite_stat1;
    PRAGMA integrity_check;'
  for made in "made-$encoding.db" "shell-$encoding.db"; do
    test "$(sqlite3 -quote "$made" "$ask")" = "$(sqlite3 -quote "want-$encoding.db" "$ask")" &&
      echo "same content in $made"
  done
  test "$(sqlite3 "made-$encoding.db" '.dump --preserve-rowids')" = \
    "$(sqlite3 "want-$encoding.db" '.dump --preserve-rowids')" && echo "same dump"
done
