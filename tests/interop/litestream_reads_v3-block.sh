. "$SOURCE/tests/interop/litestream.bash"
reads_our_history v0.5.18 v3-block
