# Which table each page belongs to; one page by its bytes.
make_db app.db 100 512
litetool ltx encode app.db -o app.ltx -q --timestamp 2026-01-02T03:04:05Z >/dev/null
litetool ltx dump app.ltx | grep -A 1 '^Frame' | grep -o 'table.*of [a-z_]*\|index.*of [a-z_]*' | sort | uniq -c
litetool ltx dump --page 1 --hex app.ltx | grep -A 3 '00000000'
litetool ltx dump --json app.ltx | head -1 | json_names
