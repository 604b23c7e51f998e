# What is in force, and where it comes from: default, file, option.
mkdir -p data/.litetool
printf '[mount]\ntier = "cached"\n[log]\nlevel = "debug"\nfile = "log"\n' >data/.litetool/config.toml
litetool config show data
litetool config show --log-level error --allow-other data | grep -E 'level|allow_other'
litetool config show --json data
litetool config show --json data | json_names
# What it prints can be read again, and says the same.
litetool config show data >again.toml
litetool config show --config again.toml data | sed 's/ *#.*//' >shown
sed 's/ *#.*//' again.toml | diff - shown && echo same
code litetool config show missing
