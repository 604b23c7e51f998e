# A snapshot in each variant verifies and yields the same database again.
make_db app.db 500
for v in v1-raw v1-lz4 v2 v3-frame v3-block; do
  litetool ltx encode app.db -o "$v.ltx" --to "$v" --txid 7 --timestamp 2026-01-02T03:04:05Z -q >/dev/null
  litetool inspect --json "$v.ltx" | grep -o '"variant":"[^"]*"\|"max_txid":"[^"]*"\|"timestamp":"[^"]*"' | tr '\n' ' '
  litetool ltx apply -q -d "$v.db" "$v.ltx" >/dev/null
  cmp app.db "$v.db" && echo same
done
