# What cannot be compared is refused by name.
need sqlite3
make_db app.db 10
keep_state app.db past 1
code litetool diff past 1 2
code litetool diff past
code litetool diff past 1 1 --rows --sql
code litetool diff past 1 1 --file app.db
code litetool diff past 1 -q --file missing.db
code litetool diff past 1 -q --file past/0000000000000001-0000000000000001.ltx
code litetool diff past 1 -q --file app.db
