# What is said of a directory: well, and with everything that can be wrong in it.
need sqlite3
# The machine is another one everywhere: only what is said of the directory is compared.
of_directory() {
  litetool doctor "$1" | sed '1,/ clock: /d' | grep -v ' space: '
}
mkdir data
of_directory data
make_db data/app.db
sqlite3 data/old.db 'CREATE TABLE t (a)'
printf '\xd9\xd5\x05\xf9' >data/old.db-journal
mkdir -p data/.litetool/db/app.db
make_history data
printf '[mount]\ntear = 1\n' >data/.litetool/config.toml
mkdir data/.litetool/db/app.db/quarantine
echo bad >data/.litetool/db/app.db/quarantine/piece
flip data/app.db 20
of_directory data
litetool doctor data --json | json_names
litetool doctor data >/dev/null || echo "exit $?"
litetool doctor missing >/dev/null || echo "exit $?"
code litetool doctor a b
