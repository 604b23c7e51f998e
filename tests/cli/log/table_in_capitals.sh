# A table is named as in SQL: capitals make no other one of it.
make_db app.db 1
litetool ltx encode -q app.db -o app.ltx
litetool log app.ltx --table USERS --json | grep -c '"transaction"\|txid'
litetool log app.ltx --table user --json | grep -c txid
