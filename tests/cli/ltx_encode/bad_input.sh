make_db app.db
code litetool ltx encode missing.db -o out.ltx
code litetool ltx encode . -o out.ltx
echo 'just text, long enough to be a header of one hundred bytes or more, which SQLite would refuse to open' >text
code litetool ltx encode text -o out.ltx
code litetool ltx encode app.db
code litetool ltx encode app.db -o out.ltx --to v9
code litetool ltx encode app.db -o out.ltx --txid 0
code litetool ltx encode app.db -o out.ltx --node xyz
code litetool ltx encode app.db -o no/such/dir/out.ltx
echo old >there.ltx
code litetool ltx encode app.db -o there.ltx
cat there.ltx
leftovers . | tr '\n' ' '
code litetool ltx encode app.db -o there.ltx --force -q >/dev/null
litetool ltx verify -q there.ltx >/dev/null && echo "replaced by a whole file"
