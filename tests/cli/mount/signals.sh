# Signals go to the command; whatever way it ends, the mount goes with it.
can_mount data
cat >server <<'END'
trap 'echo got TERM; exit 5' TERM
trap 'echo got USR1' USR1
trap 'echo got HUP' HUP
touch started
while :; do sleep 0.1; done
END
litetool mount -q --tier cached data -- bash server >log &
pid=$!
eventually test -e started
kill -USR1 $pid
eventually grep -q USR1 log
kill -HUP $pid
eventually grep -q HUP log
kill -TERM $pid
wait $pid
echo "exit $?"
cat log
mountpoint -q data || echo unmounted

# Taken away from outside, the mount ends the command.
rm started
litetool mount -q --tier cached data -- bash server >log &
pid=$!
eventually test -e started
fusermount3 -u data
wait $pid
echo "exit $?"
cat log

# A signal that comes before the mount is ready is honoured, and the command never begins.
for delay in 0 0.005 0.02; do
  litetool mount -q --tier cached data -- touch began 2>/dev/null &
  pid=$!
  sleep $delay
  kill -TERM $pid 2>/dev/null
  wait $pid
  case $? in
    0) test -e began || echo "ended well without running" ;;
    130 | 143) ;;
    *) echo "an exit code that nobody expects" ;;
  esac
  rm -f began
  mountpoint -q data && echo "still mounted"
done
# Without a command SIGTERM is an orderly end; SIGUSR1 is nothing.
litetool mount -q --tier cached data >ready &
pid=$!
eventually test -s ready
kill -USR1 $pid
kill -TERM $pid
wait $pid
echo "exit $?"
