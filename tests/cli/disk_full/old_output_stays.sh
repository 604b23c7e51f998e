# A disk of 256 KiB is full before the output is: exit 13, the old file intact, nothing left behind.
make_db app.db 40000
litetool ltx encode app.db -o app.ltx -q --to v1-raw --timestamp 2026-01-02T03:04:05Z >/dev/null
litetool ltx encode app.db -o app.ltxs -q >/dev/null
small_disk disk 256k
run() {
  for f in out.ltx dir/out.ltx; do mkdir -p disk/dir; echo old >"disk/$f"; done
  printf '%s: ' "$1"
  "$@" >out 2>err
  echo "exit $?"
  grep -q -i 'no space left' err || cat out err
  cat disk/out.ltx
  leftovers disk | tr '\n' ' '
  echo
  rm -rf disk/*
}
encode() { litetool ltx encode app.db -o disk/out.ltx --to v1-raw --force -q; }
compact() { litetool ltx compact app.ltx -o disk/out.ltx --to v1-raw --force -q; }
convert() { litetool ltx convert app.ltx -o disk/out.ltx --to v1-raw --force -q; }
apply() { litetool ltx apply -d disk/out.ltx app.ltx --force -q; }
split() { litetool ltx split app.ltxs -o disk/dir --force -q; }
for c in encode compact convert apply split; do run $c; done
