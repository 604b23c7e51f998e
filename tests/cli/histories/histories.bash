# Every command that looks at the past, on histories of others: what Litestream recorded of its own
# replica (a checksum for each transaction) is the yardstick. Sourced by the cases beside it.

# unpack VERSION: the replica VERSION and VERSION.json, with its checksums.
unpack() {
  need tar zstd sqlite3
  tar --zstd -xf "$GOLDEN/litestream/litestream-$1.tar.zst"
}

# recorded VERSION: "TXID SHA256", one transaction a line, as it was when each was the newest.
recorded() {
  grep -oE '"[0-9a-f]{16}": "[0-9a-f]{64}"' "$1.json" | tr -d '":'
}

dump() {
  sqlite3 "$1" .dump
}

# agree SOURCE TXID SHA256 [BEFORE]: the state by every command, and the script that leads to it from
# before.db, the state at BEFORE; restored.db is that state.
agree() {
  local source=$1 txid=$2
  litetool restore -q "$source" --at "$txid" -o restored.db --force
  [ "$(sum restored.db)" = "$3" ] || echo "$txid: restored wrong"
  litetool export -q "$source" --at "$txid" -o exported.db --force
  cmp restored.db exported.db || echo "$txid: exported wrong"
  rm -f script.db
  litetool export -q "$source" --at "$txid" --format sql -o script.sql --force
  sqlite3 script.db <script.sql
  cmp <(dump restored.db) <(dump script.db) || echo "$txid: exported wrong as SQL"
  local query="SELECT id, k, hex(v) FROM t ORDER BY id DESC"
  cmp <(sqlite3 -csv -newline $'\r\n' restored.db "$query") \
    <(litetool sql -q "$source" --at "$txid" --csv "$query" | tail -n +2) || echo "$txid: wrong rows"
  if [ -z "${4-}" ]; then return; fi
  litetool diff -q "$source" "$4" "$txid" --sql | sqlite3 before.db
  cmp <(dump restored.db) <(dump before.db) || echo "$txid: the script leads elsewhere"
}

# agree_everywhere SOURCE VERSION [STRIDE]: at every transaction that the version recorded, or every
# so many.
agree_everywhere() {
  local txid sha before= count=0
  while read -r txid sha; do
    agree "$1" "$txid" "$sha" $before
    cp restored.db before.db
    before=$txid
    count=$((count + 1))
  done < <(recorded "$2" | awk -v n="${3-1}" 'NR % n == 1 || n == 1')
  echo "$count transactions: restore, export, sql and diff agree, but for what was named"
}

# tell SOURCE: what is printed about it.
tell() {
  litetool log "$1" | sed 's/ *$//'
  litetool points "$1"
  litetool when "$1" 0xf
  litetool when "$1" 2026-11-21T00:52:25Z
  litetool when "$1" 0x1
  code litetool when "$1" 2026-11-21T00:52:22Z
  litetool show "$1" 0x8 | cut -c 1-120
  code litetool diff "$1" 0x5 0x7 --stat -q
  litetool sql "$1" --at 0x5 --attach later=0x19 -q \
    "SELECT count(*) was, (SELECT count(*) FROM later.t) came FROM t"
  code litetool audit "$1"
}
