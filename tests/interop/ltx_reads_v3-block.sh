. "$SOURCE/tests/interop/peer.bash"
reads_ours v0.5.2 v3-block
