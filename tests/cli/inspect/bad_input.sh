code litetool inspect missing
code litetool inspect .
: >empty
code litetool inspect empty
echo 'just text' >text
code litetool inspect text
code litetool inspect --json text
cp "$GOLDEN/ltx/v0.5.2-snap.ltx" cut.ltx && truncate -s 150 cut.ltx
code litetool inspect cut.ltx
cp "$GOLDEN/ltx/v0.5.2-snap.ltx" flipped.ltx && flip flipped.ltx 115
code litetool inspect flipped.ltx
printf 'LTX4rest of an encrypted file' >sealed.ltx
code litetool inspect sealed.ltx
make_db app.db 100 && flip app.db 17
code litetool inspect app.db
litetool inspect cut.ltx >/dev/full
