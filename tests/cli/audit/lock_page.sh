# The page at 1 GiB, which SQLite locks and never reads, is none of the database; the next one is.
need sqlite3 truncate
sqlite3 big.db "PRAGMA page_size = 65536; CREATE TABLE t (x); INSERT INTO t VALUES (1)"
by_one_sqlite big.db
printf '\0\0\100\003' | dd of=big.db bs=1 seek=28 conv=notrunc status=none
truncate -s $((16387 * 65536)) big.db
mkdir history
litetool ltx encode big.db --timestamp 2026-11-20T10:00:00Z -q \
  -o history/0000000000000001-0000000000000001.ltx
code litetool audit big.db --against history
printf garbage | dd of=big.db bs=1 seek=$((16384 * 65536)) conv=notrunc status=none
code litetool audit big.db --against history | tail -n 2
printf garbage | dd of=big.db bs=1 seek=$((16385 * 65536)) conv=notrunc status=none
code litetool audit big.db --against history -q | tail -n 3
