# every page of a small database has a kind and an owner
make_db app.db 30 512
sqlite3 app.db "CREATE TABLE big(x); INSERT INTO big VALUES (zeroblob(1200)), (zeroblob(1200));
  DELETE FROM big WHERE rowid = 1;"
litetool inspect --pages app.db
