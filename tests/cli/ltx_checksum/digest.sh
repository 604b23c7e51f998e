# Swapped pages cancel out in the checksum, not in the digest.
make_db app.db 2000
{ head -c 8192 app.db; tail -c +12289 app.db | head -c 4096; tail -c +8193 app.db | head -c 4096; tail -c +16385 app.db; } >swapped.db
cmp -s app.db swapped.db || echo "files differ"
a=$(litetool ltx checksum app.db) && b=$(litetool ltx checksum swapped.db)
test "$a" = "$b" && echo "checksums agree"
a=$(litetool ltx checksum --digest app.db | tail -1) && b=$(litetool ltx checksum --digest swapped.db | tail -1)
test "$a" != "$b" && echo "digests differ"
