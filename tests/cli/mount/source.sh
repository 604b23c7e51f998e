# A directory shown at another place; the history stays with the source.
can_mount view
mkdir source
echo text >view/hidden
code litetool mount --tier cached --source source view -- true
code litetool mount -q --tier cached --non-empty --source source view -- sqlite3 view/app.db 'CREATE TABLE t (a)'
ls -A source view
mkdir source/inside
code litetool mount --source source source/inside
code litetool mount --source missing view
