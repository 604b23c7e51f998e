# What lies within a mount has a history already; a file is no directory; with --json, the line that
# says ready goes to stderr where a command has stdout for itself.
mounted data
mkdir data/inside
code litetool mount data/inside
sqlite3 data/app.db 'CREATE TABLE t (a)'
code litetool mount data/app.db
unmounted data
code litetool mount --json --tier cached data -- echo hello
