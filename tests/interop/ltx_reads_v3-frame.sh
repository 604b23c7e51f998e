. "$SOURCE/tests/interop/peer.bash"
reads_ours v0.5.1 v3-frame
