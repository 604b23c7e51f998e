make_db app.db
litetool ltx encode app.db -o app.ltx --timestamp 2026-01-02T03:04:05Z --json | json_names
litetool ltx encode app.db -o app.ltx --json
