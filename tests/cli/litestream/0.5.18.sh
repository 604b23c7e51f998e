. "$SOURCE/tests/cli/litestream/replica.bash"
check_replica 0.5.18
