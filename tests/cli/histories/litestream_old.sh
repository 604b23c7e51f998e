# A replica of Litestream 0.3 has no transactions: all but restoring it is refused, and why.
. "$SOURCE/tests/cli/histories/histories.bash"
unpack 0.3.13
for command in log points audit; do code litetool $command 0.3.13; done
code litetool when 0.3.13 latest
code litetool show 0.3.13 latest
code litetool diff 0.3.13 latest~1
code litetool sql 0.3.13 "SELECT 1"
code litetool export 0.3.13 -o out.db
code litetool restore 0.3.13 --at 1 -o out.db
code litetool restore -q 0.3.13 -o out.db
cmp out.db 0.3.13.db && echo "restored"
