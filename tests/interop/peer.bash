# The reference ltx command of some version reads what litetool writes. Sourced by the cases beside
# it.
#
# Peers are found as $LTX_PEERS/VERSION/ltx and $LITESTREAM_PEERS/VERSION/litestream; a case whose
# peer is not there is skipped. To install one:
#   GOBIN=$LTX_PEERS/v0.5.2 go install github.com/superfly/ltx/cmd/ltx@v0.5.2
#   GOBIN=$LITESTREAM_PEERS/v0.5.18 go install github.com/benbjohnson/litestream/cmd/litestream@v0.5.18

# peer_ltx VERSION: the path of the reference command.
peer_ltx() {
  local ltx=${LTX_PEERS:-/nonexistent}/$1/ltx
  [ -x "$ltx" ] || skip "ltx $1 is not installed (\$LTX_PEERS/$1/ltx)"
  echo "$ltx"
}

# make_states PAGE_SIZE: 0.db to 3.db, one transaction apart: growth, an update, and a smaller
# database.
make_states() {
  make_db 0.db 400 "$1"
  cp 0.db 1.db
  sqlite3 1.db "CREATE TABLE blobs(b BLOB);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)
    INSERT INTO blobs SELECT randomblob(900) FROM n;"
  cp 1.db 2.db
  sqlite3 2.db "UPDATE users SET name = 'nobody' WHERE id % 50 = 0;"
  cp 2.db 3.db
  sqlite3 3.db "DROP TABLE blobs; VACUUM;"
}

# make_files VARIANT: snap.ltx, and 2.ltx to 4.ltx, as litetool writes them.
make_files() {
  local variant=$1 txid
  litetool ltx encode --quiet 0.db -o snap.ltx --to "$variant"
  mkdir blocks
  for txid in 2 3 4; do
    "$LITETOOL_BENCH_TOOLS/bench_ltx_diff" $((txid - 2)).db $((txid - 1)).db $txid blocks/$txid.ltx
    litetool ltx convert --quiet blocks/$txid.ltx -o $txid.ltx --to "$variant"
  done
}

# peer_applies LTX WANT.db FROM.db|- FILE...: the reference command makes the same database.
peer_applies() {
  local ltx=$1 want=$2 from=$3
  shift 3
  rm -f peer.db
  if [ "$from" != - ]; then cp "$from" peer.db; fi
  "$ltx" apply -db peer.db "$@" && cmp peer.db "$want"
}

# reads_ours VERSION VARIANT: everything litetool can write of that variant, in two page sizes.
reads_ours() {
  local ltx page_size
  ltx=$(peer_ltx "$1") || { echo "$ltx"; exit 77; }
  for page_size in 4096 1024; do
    mkdir $page_size
    cd $page_size || exit 1
    make_states $page_size
    make_files "$2"
    litetool ltx compact --quiet snap.ltx 2.ltx 3.ltx -o all.ltx --to "$2"
    litetool ltx compact --quiet 2.ltx 3.ltx -o range.ltx --to "$2"
    "$ltx" verify snap.ltx 2.ltx 3.ltx 4.ltx all.ltx range.ltx
    peer_applies "$ltx" 2.db - snap.ltx 2.ltx 3.ltx
    peer_applies "$ltx" 2.db - all.ltx
    peer_applies "$ltx" 2.db 0.db range.ltx
    cd .. || exit 1
  done
}
