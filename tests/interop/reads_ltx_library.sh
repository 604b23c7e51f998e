# What the Go library encodes and compacts is valid here and yields the same database.
. "$SOURCE/tests/interop/peer.bash"
need go
cp "$SOURCE"/scripts/bench.d/peer/* .
HOME=$(getent passwd "$(id -u)" | cut -d : -f 6) go build -o peer . 2>/dev/null || skip "the Go library is not here and cannot be fetched"
make_states 4096
make_files v3-block
./peer encode their.ltx 0.db
./peer compact all.ltx their.ltx 2.ltx 3.ltx
litetool ltx verify --quiet --level content their.ltx all.ltx
litetool ltx apply --quiet -d their.db their.ltx && cmp their.db 0.db
litetool ltx apply --quiet -d all.db all.ltx && cmp all.db 2.db && echo "the same databases"
