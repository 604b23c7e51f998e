# What is exported in any form is imported as the same database.
mounted data
make_db data/app.db 500
sqlite3 data/app.db "UPDATE users SET name = 'first' WHERE id < 10"
litetool export data/app.db -o want.db -q
litetool keygen -o key >recipient
litetool keygen -o other >other_recipient
echo 'a pass phrase' >phrase
seal="--seal $(cat recipient)"
both="$seal --seal $(cat other_recipient)"
n=0
for how in '' '--compress zstd' "$seal" "--compress zstd $both" '--passphrase-file phrase' \
  '--format ltx' "--format ltx --compress zstd $seal" '--at latest' "--at latest --compress zstd"; do
  n=$((n + 1))
  # shellcheck disable=SC2086
  litetool export data/app.db $how -o "file$n" -q || echo "export failed: $how"
  case $how in
    *passphrase*) key='--passphrase-file phrase' ;;
    *seal*) key='-i other -i key' ;;
    *) key= ;;
  esac
  # shellcheck disable=SC2086
  litetool import "file$n" "made$n.db" $key -q || echo "import failed: $how"
  cmp "made$n.db" want.db && echo "same: ${how//age1*/...}"
done
# shellcheck disable=SC2086
litetool export data/app.db $seal -o - | cat >piped
litetool import -i key piped piped.db --json | json_values content sealed compressed replaced
cmp piped.db want.db
litetool export data/app.db -o json.db --json | json_names
litetool keygen --json | json_names
stat -c %a key
sqlite3 data/app.db .dump >dump.sql
litetool import dump.sql sql.db -q
test "$(sqlite3 sql.db .dump | sum)" = "$(sum dump.sql)" && echo "same content from SQL"
sqlite3 data/app.db "DELETE FROM users WHERE id > 400; INSERT INTO users VALUES (1000, 'x', 'y')"
litetool export data/app.db --format ltx --since latest~1 --at latest -o increment.ltx -q
litetool export data/app.db --format ltx --at latest~1 -o base.ltx -q
mkdir chain
cp base.ltx increment.ltx chain
litetool import chain chained.db -q && litetool audit chained.db --against data/app.db -q | tail -n 1
