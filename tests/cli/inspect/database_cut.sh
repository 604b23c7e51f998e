# a database that is shorter than its header says is corrupt
make_db app.db 30 512
truncate -s 1024 app.db
litetool inspect app.db
