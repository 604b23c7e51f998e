# Every command's --json is JSON, one document a line; names are snake_case and no field goes away.
make_chain chain
make_db app.db 10
cat chain/* >two.ltxs
names() {
  echo "== $1 $2"
  litetool ${1:+"$1"} ${2:+"$2"} "${@:3}" --json >json 2>err || cat json err
  json_names <json | sort -u
}
names version ""
names inspect app.db
names ltx list chain
names ltx verify chain
names ltx dump two.ltxs
names ltx checksum app.db
names ltx encode app.db -o app.ltx
names ltx apply -d new.db app.ltx
names ltx compact chain -o all.ltx
names ltx convert chain -o out/ --to v2
names ltx split two.ltxs -o split
names ltx extract two.ltxs --txid 1 --page 1 -o page.bin
echo "errors:"
litetool ltx verify --json missing 2>&1 | json_names
litetool ltx apply --json -d new.db missing 2>&1 | json_names
