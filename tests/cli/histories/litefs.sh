# A LiteFS data directory, with the checksums of LiteFS.
. "$SOURCE/tests/cli/histories/histories.bash"
unpack 0.5.18
mkdir -p data/dbs/app.db/ltx
litetool ltx convert -q 0.5.18/ltx/0 -o data/dbs/app.db/ltx --to v1-lz4 --checksums add >converted
agree_everywhere data 0.5.18 4
tell data/dbs/app.db
litetool restore -q data -o data/dbs/app.db/database
code litetool audit data/dbs/app.db/ltx --against data/dbs/app.db/database
