# Any number of threads, text or JSON: the same sum; and it is that of the pages.
make_db app.db 2000
one=$(litetool ltx checksum --threads 1 app.db)
four=$(litetool ltx checksum --threads 4 app.db)
test "$one" = "$four" && echo "threads agree"
litetool ltx checksum --json app.db | sed "s/$one/SUM/"
litetool ltx checksum --pages app.db | grep -c .
flip app.db 5000
test "$one" != "$(litetool ltx checksum app.db)" && echo "one byte changes it"
