make_chain chain
code litetool ltx convert chain -o out
code litetool ltx convert chain -o out --to v0.1
litetool ltx convert chain -o plain --to v3-block --checksums strip -q >/dev/null
code litetool ltx convert plain/*2-*2.ltx -o one.ltx --to v3-block --checksums add
code litetool ltx convert plain/*2-*2.ltx -o one.ltx --to v3-block --checksums add --base chain/*1.ltx -q >/dev/null
cmp one.ltx chain/*2-*2.ltx && echo "the same file again"
echo old >there.ltx
code litetool ltx convert chain/*1.ltx -o there.ltx --to v2
code litetool ltx convert missing -o out --to v2
code litetool ltx convert "$GOLDEN"/ltx/v0.1.0-snap.ltx -o old.ltx --to v3-block -q
