# config.toml in the history folder is found by itself; options have precedence; mistakes end it.
can_mount data
mkdir data/.litetool
config=data/.litetool/config.toml
printf '[mount]\ntier = "cached"\n' >$config
litetool mount data -- true 2>&1 | grep -o cached
printf '[mount]\nteir = "cached"\n\n[log]\nlevel = 3\n' >$config
code litetool mount data
printf '[mount]\nsource = "elsewhere"\n' >$config
code litetool mount data
rm $config
printf '[mount]\nsource = "data"\ntier = "cached"\n' >litetool.toml
mkdir view
trap "fusermount3 -u -z '$PWD/view' 2>/dev/null" EXIT
code litetool mount -q --config litetool.toml view -- sqlite3 view/app.db 'CREATE TABLE t (a)'
ls data
code litetool mount --config missing.toml view
