# No command writes over what it reads, under any name that it has.
make_db app.db 1
litetool ltx encode -q app.db -o app.ltx
ln -s app.ltx link.ltx
code litetool ltx apply -d app.ltx app.ltx --force
code litetool ltx apply -d link.ltx app.ltx --force
code litetool ltx extract app.ltx --page 1 -o ./app.ltx --force
code litetool ltx compact app.ltx -o app.ltx --force
code litetool ltx encode app.db -o ./app.db --force
code litetool ltx verify -q app.ltx
