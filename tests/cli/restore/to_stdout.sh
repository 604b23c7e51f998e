# A database is written in place and checked before it appears: not to standard output.
make_history data
code litetool restore data -o -
code litetool fork data -
code litetool ltx compact data/.litetool/db/app.db/*.ltx -o -
litetool restore -q --check none data -o ./- && ls -- -
