# The log goes where it is sent, as text or JSON, and is opened again on SIGHUP.
can_mount data
litetool mount --tier cached --log-file app.log --log-format json data >ready &
pid=$!
eventually test -s ready
mv app.log app.log.1
kill -HUP $pid
eventually test -e app.log
kill -TERM $pid
wait $pid
echo "exit $?"
json_names <app.log.1
sed 's/"time":"[^"]*"/"time":"T"/' app.log.1 app.log
# Errors only: nothing to say.
litetool mount --tier cached --log-file quiet.log --log-level error data -- true
cat quiet.log
code litetool mount --log-file missing/app.log data
code litetool mount --log-level loud data
