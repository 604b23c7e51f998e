# --follow goes on with what comes; it ends by a signal, or when its reader leaves.
make_history data
app=data/.litetool/db/app.db
second=0000000000000002-0000000000000002.ltx
mv $app/$second .
litetool events --follow data >events &
pid=$!
eventually grep -q init events
mv $second $app/
eventually grep -q tx events
kill -INT $pid
wait $pid
echo "exit $?"
cut -c -70 events
# From a point on: what was there after it comes first.
litetool events --follow --since 1 data >since &
pid=$!
eventually grep -q tx since
kill -TERM $pid
wait $pid
echo "exit $?"
cut -c -70 since
# The reader takes two lines and leaves; nothing more is to come.
litetool events --follow --since 1 data | head -n 2 | wc -l
echo "${PIPESTATUS[@]}"
