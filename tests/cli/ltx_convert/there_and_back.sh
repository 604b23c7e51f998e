# Through every variant, without and with checksums, and back to the same database.
make_chain chain
litetool ltx apply -q -d want.db chain >/dev/null
from=chain
for v in v1-raw v1-lz4 v2 v3-frame v3-block; do
  litetool ltx convert "$from" -o "to-$v" --to "$v" --checksums strip -q >/dev/null
  litetool ltx verify "to-$v"
  from="to-$v"
done
litetool ltx convert "$from" -o back --to v3-block --checksums add -q >/dev/null
litetool ltx verify back
litetool ltx apply -q -d got.db back >/dev/null
cmp want.db got.db && echo same
leftovers back
