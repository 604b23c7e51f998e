. "$SOURCE/tests/interop/litestream.bash"
check_fresh_replica v0.5.18
