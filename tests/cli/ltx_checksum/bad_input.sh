code litetool ltx checksum missing.db
code litetool ltx checksum .
head -c 5000 /dev/urandom >garbage.db
code litetool ltx checksum garbage.db
make_db app.db
truncate -s 10000 app.db
code litetool ltx checksum app.db
code litetool ltx checksum --page-size 1000 app.db
code litetool ltx checksum
code litetool ltx checksum app.db app.db
code litetool ltx checksum --json missing.db
