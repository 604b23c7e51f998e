# A replica of Litestream 0.5.18, which compaction has gone over: levels overlap.
. "$SOURCE/tests/cli/histories/histories.bash"
unpack 0.5.18
agree_everywhere 0.5.18 0.5.18
tell 0.5.18
