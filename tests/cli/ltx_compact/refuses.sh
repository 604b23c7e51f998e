make_chain chain
code litetool ltx compact chain/*2-*2.ltx chain/*2-*2.ltx -o out.ltx
make_db app.db 10 512
by_one_sqlite app.db
litetool ltx encode app.db -o other.ltx -q --txid 1 --timestamp 2026-01-02T03:04:05Z >/dev/null
code litetool ltx compact other.ltx chain/*2-*2.ltx -o out.ltx
litetool ltx encode app.db -o gap.ltx -q --txid 5 --timestamp 2026-01-02T03:04:05Z >/dev/null
make_db big.db 10 4096
litetool ltx encode big.db -o big.ltx -q --timestamp 2026-01-02T03:04:05Z >/dev/null
code litetool ltx compact big.ltx chain/*2-*2.ltx -o out.ltx
code litetool ltx compact chain
code litetool ltx compact -o out.ltx
code litetool ltx compact missing -o out.ltx
flip chain/*2-*2.ltx 115
code litetool ltx compact chain -o out.ltx
echo old >there.ltx
code litetool ltx compact chain/*1.ltx -o there.ltx
cat there.ltx
leftovers . | grep -v '^chain' | tr '\n' ' '
