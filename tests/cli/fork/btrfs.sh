# On Btrfs a fork takes no space for what it has in common with the live database.
. "$SOURCE/tests/cli/fork/shared_blocks.bash"
shared_blocks btrfs 256M
