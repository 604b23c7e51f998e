litetool version >/dev/full
