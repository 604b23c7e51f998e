. "$SOURCE/tests/interop/litestream.bash"
check_replica v0.5.8
