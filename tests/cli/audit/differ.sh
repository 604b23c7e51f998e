# Pages that changed behind the back of a history are named, with their table and their writer.
mounted data
make_db data/app.db 400
sqlite3 data/app.db "CREATE TABLE notes (x); INSERT INTO notes VALUES (hex(zeroblob(9000)))"
sqlite3 data/app.db "UPDATE users SET name = 'z' WHERE id = 1"
unmounted data
cp data/app.db want.db
flip data/app.db 5000
flip data/app.db 30000
flip data/app.db 60000
timeless() { sed -e 's/ of 20[-0-9T:.]*Z//' -e 's/checksum [0-9a-f]*/checksum .../'; }
code litetool audit data/app.db | timeless
code litetool audit data/app.db --limit 1 | tail -n +3
code litetool audit data/app.db --repair-from history -o repaired.db -q >repaired.txt
cmp repaired.db want.db && echo "repaired"
litetool audit repaired.db --against data/app.db --json -q | json_values differing_pages
code litetool audit repaired.db --against data -q | tail -n 2
litetool audit data/app.db --at 1 --json -q | json_values agrees page_size_differs
code litetool audit want.db --repair-from history -o other.db
code litetool audit data/app.db --repair-from history -o repaired.db -q | tail -n 1
code litetool audit data/app.db --repair-from history
leftovers . | grep -v -e '^data' -e '^mount'
