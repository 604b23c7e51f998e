. "$SOURCE/tests/interop/peer.bash"
reads_ours v0.3.14 v1-lz4
