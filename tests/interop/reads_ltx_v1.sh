# What the reference encode-db writes, raw and compressed, is valid here and yields the same
# database.
. "$SOURCE/tests/interop/peer.bash"
ltx=$(peer_ltx v0.3.14) || { echo "$ltx"; exit 77; }
make_db 0.db 400
"$ltx" encode-db -o raw.ltx 0.db
"$ltx" encode-db -c -o lz4.ltx 0.db
for file in raw.ltx lz4.ltx; do
  litetool ltx verify --quiet --level content $file
  litetool ltx apply --quiet -d $file.db $file
  cmp $file.db 0.db && echo "$file: the same database"
done
