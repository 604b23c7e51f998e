# The README's examples on files.
need sqlite3
. "$SOURCE/tests/cli/readme/blocks.bash"
run_blocks console
