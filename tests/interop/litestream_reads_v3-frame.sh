. "$SOURCE/tests/interop/litestream.bash"
reads_our_history v0.5.8 v3-frame
