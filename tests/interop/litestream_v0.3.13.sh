. "$SOURCE/tests/interop/litestream.bash"
check_old_replica v0.3.13
