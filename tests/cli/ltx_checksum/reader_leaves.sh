make_db app.db 20000
litetool ltx checksum --pages app.db | head -1
echo "${PIPESTATUS[0]}"
litetool ltx checksum --pages app.db >/dev/full
