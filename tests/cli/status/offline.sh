# Without a mount the histories are read.
make_history data
mkdir data/.litetool/db/app.db/quarantine
touch data/.litetool/db/app.db/quarantine/piece data/.litetool/db/app.db/quarantine/piece.note
code litetool status data
code litetool status --json data
litetool status data/app.db | sed -n 3p
code litetool status data/other.db
code litetool status missing
