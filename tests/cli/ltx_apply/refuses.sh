# Nothing is written unless everything fits.
make_chain chain
code litetool ltx apply -d new.db chain/*2-*2.ltx
litetool ltx apply -q -d app.db chain/*1.ltx >/dev/null
sum app.db >before
code litetool ltx apply -d app.db chain/*1.ltx
litetool ltx apply -q -d app.db --force chain >/dev/null
code litetool ltx apply -d app.db chain/*2-*2.ltx
litetool ltx apply -q -d app.db --force chain/*1.ltx >/dev/null
sum app.db | cmp - before && echo "back at the first transaction"
flip chain/*2-*2.ltx 115
code litetool ltx apply -d app.db chain/*2-*2.ltx
truncate -s 90 chain/*2-*2.ltx
code litetool ltx apply -d app.db chain/*2-*2.ltx
code litetool ltx apply -d app.db missing.ltx
code litetool ltx apply -d app.db
code litetool ltx apply chain
mkdir dir && code litetool ltx apply -d dir chain
sum app.db | cmp - before && leftovers . | tr '\n' ' '
