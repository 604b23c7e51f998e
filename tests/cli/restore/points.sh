# Every way to name a point, and what is said when there is none.
make_chain chain
restored() { litetool restore chain --check none --force -o out.db --json --at "$1" | json_values txid time; }
restored latest
restored latest~1
restored 0x1
restored 2
restored '10 minutes ago'
code litetool restore chain --at latest~2 -o out2.db
code litetool restore chain --at 3 -o out2.db
code litetool restore chain --at 1999-12-31T00:00:00Z -o out2.db
code litetool restore chain --at '3999-12-31 10:00' -o out2.db
rm chain/*1.ltx
code litetool restore chain -o out2.db
leftovers .
