# That things differ (exit code 3) is of no use where the difference is lost.
make_db a.db 1
make_db b.db 2
litetool ltx encode -q a.db -o a.ltx
litetool diff a.ltx 1 --file b.db --sql -q >/dev/full
