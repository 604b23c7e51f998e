# Any mix of variants in; the merged file is worth the same as the chain.
make_chain chain
litetool ltx compact chain -o all.ltx
litetool ltx verify all.ltx
litetool ltx apply -q -d a.db chain >/dev/null
litetool ltx apply -q -d b.db all.ltx >/dev/null
cmp a.db b.db && echo same
litetool ltx compact "$GOLDEN"/ltx/v0.3.0-lz4-snap.ltx "$GOLDEN"/ltx/v0.4.0-incr.ltx -o mixed.ltx -q >/dev/null
litetool ltx apply -q -d c.db mixed.ltx >/dev/null
cmp a.db c.db && echo same
litetool ltx compact chain -o json.ltx --json | json_names
