# Every mistake, with its place and a remedy.
cat >litetool.toml <<'END'
[mount]
teir = "cached"
allow_other = "yes"
tier = "fast"

[log]
leve = "info"
END
code litetool config check litetool.toml
code litetool config check --json litetool.toml
printf '[mount]\ntier = "cached"\n' >litetool.toml
code litetool config check litetool.toml
code litetool config check
printf '[mount\n' >litetool.toml
code litetool config check litetool.toml
