# a journal before the commit, one that was kept after it, and one with a count and a damaged record
make_db app.db 30 512
sqlite3 app.db "PRAGMA journal_mode = PERSIST; PRAGMA synchronous = OFF; BEGIN;
  UPDATE users SET name = 'x' WHERE id = 1;" ".shell cp app.db-journal hot-journal" "COMMIT;"
litetool inspect --frames hot-journal
litetool inspect --frames --json app.db-journal
sqlite3 app.db "PRAGMA synchronous = NORMAL; PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN;
  UPDATE users SET name = upper(email), email = lower(name);" ".shell cp app.db-journal counted-journal"
litetool inspect counted-journal
flip counted-journal 828
code litetool inspect --frames counted-journal
