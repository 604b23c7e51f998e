# What goes and what stays: shown, then done; tagged points stay, and everything kept is as it was.
mounted data
sqlite3 data/app.db 'CREATE TABLE t (a)'
for i in $(seq 30); do sqlite3 data/app.db "INSERT INTO t VALUES ($i)"; done
litetool tag data/app.db add wanted --at 11 -q
litetool restore data/app.db --at tag:wanted -o wanted.db -q
litetool restore data/app.db -o last.db -q
code litetool prune data/app.db
litetool prune data/app.db --dry-run
unmounted data
printf '[retention]\ntransactions_for = "0s"\nminutes_for = "0s"\nhours_for = "0s"\n' >none.toml
litetool prune data/app.db --dry-run --config none.toml
leftovers data/.litetool/db/app.db | grep ltx
litetool prune data/app.db --config none.toml
litetool prune data/app.db --config none.toml --json | json_names
for point in tag:wanted latest; do
  litetool restore data/app.db --at $point -o out.db --force -q && cmp out.db "$(
    case $point in latest) echo last.db ;; *) echo wanted.db ;; esac)" && echo "$point is as it was"
done
litetool ltx verify --deep data/.litetool | cut -d ';' -f 1,2
code litetool prune missing.db
code litetool prune data/app.db --config missing.toml
