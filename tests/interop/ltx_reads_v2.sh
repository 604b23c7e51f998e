. "$SOURCE/tests/interop/peer.bash"
reads_ours v0.4.0 v2
