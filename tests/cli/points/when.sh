# From a transaction to its instant and back, with what came next.
make_history data
litetool tag data/app.db add first --at 1 -q
litetool when data/app.db 1
litetool when data/app.db latest
litetool when data/app.db '2026-11-20 10:30'
litetool when data/app.db tag:first --json
litetool when data/app.db latest --json | json_values next_txid next_time tags
code litetool when data/app.db 3
code litetool when data/app.db 1999-01-01T00:00:00Z
code litetool when data/app.db
code litetool when missing.db latest
