# With a mount the daemon says how it stands, about all databases or one.
mounted data
sqlite3 data/app.db 'CREATE TABLE t (a); INSERT INTO t VALUES (1)'
sqlite3 data/wal.db 'PRAGMA journal_mode = WAL; CREATE TABLE t (a)' >/dev/null
litetool status data | grep -v warning: | sed -E 's/\([a-z]+, pid [0-9]+\)/(TIER, pid N)/; s/ +/ /g; s/[0-9]+ B 20.*/N B TIME/'
litetool status --json data | json_names
need python3
litetool status --json data/wal.db | python3 -c '
import json, sys
status = json.load(sys.stdin)
print(status["mount"]["pid"] > 0, status["mount"]["source"] == status["directory"])
print([[d["path"], d["state"], d["txid"], d["journal_mode"], d["lag_ms"]] for d in status["databases"]])'
(cd data && litetool status | sed -n 3p | cut -c 1-30)
unmounted data
litetool status data | grep -v warning: | sed 's/  */ /g; s/[0-9]* B 20.*/N B TIME/'
