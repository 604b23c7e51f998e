# A database of 4,294,967,280 pages takes hardly any room on a disk.
sqlite3 small.db "PRAGMA page_size=512; CREATE TABLE t(x)"
cp small.db large.db
printf '\xff\xff\xff\xf0' | dd of=large.db bs=1 seek=28 conv=notrunc status=none
truncate -s $((4294967280 * 512)) large.db
ulimit -v 4000000
litetool audit large.db --against small.db
