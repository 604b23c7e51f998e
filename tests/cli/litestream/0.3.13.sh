# A replica of Litestream 0.3: the latest state, earlier ones by time, and what is missing is named.
need tar zstd sqlite3
tar --zstd -xf "$GOLDEN/litestream/litestream-0.3.13.tar.zst"
litetool restore 0.3.13 --check full -o out.db && cmp out.db 0.3.13.db && echo same
for at in 2026-11-21T00:52:22Z 2026-11-21T00:52:28Z 2026-11-21T00:52:34Z; do
  litetool restore 0.3.13 --at "$at" -o at.db --force --json | json_values time pages images
done
litetool restore 0.3.13 --at 2026-11-21T00:52:23Z --plan
code litetool restore 0.3.13 --at 2026-11-21T00:52:21Z -o no.db
code litetool restore 0.3.13 --at 3999-01-01 -o no.db
code litetool restore 0.3.13 --at 7 -o no.db
generation=0.3.13/generations/79f30e72d0631b10
mv $generation/wal/00000005_0000b128.wal.lz4 aside
code litetool restore 0.3.13 -o no.db
mv aside $generation/wal/00000005_0000b128.wal.lz4
flip $generation/wal/00000005_0000b128.wal.lz4 100
code litetool restore 0.3.13 -o no.db
truncate -s 20000 $generation/snapshots/00000005.snapshot.lz4
touch -d 2026-11-21T00:52:37Z $generation/snapshots/00000005.snapshot.lz4
code litetool restore 0.3.13 -o no.db
printf 'age-encryption.org/v1\n-> X25519 abc\n' >$generation/snapshots/00000005.snapshot.lz4
code litetool restore 0.3.13 -o no.db
leftovers . | grep -v ^0.3.13
