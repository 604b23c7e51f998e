# Replicas whose pages are LZ4 frames; of the older one only ranges are left.
. "$SOURCE/tests/cli/histories/histories.bash"
for version in 0.5.8 0.5.0; do
  unpack $version
  agree_everywhere $version $version
  litetool points $version
  litetool log $version -n 4 | sed 's/ *$//'
done
