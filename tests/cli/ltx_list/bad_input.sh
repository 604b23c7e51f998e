make_chain chain
code litetool ltx list missing
mkdir empty && code litetool ltx list empty
echo 'just text' >text && code litetool ltx list text
code litetool ltx list
truncate -s 150 chain/*2-*2.ltx && code litetool ltx list --tsv chain
code litetool ltx list --json missing
litetool ltx list chain | head -1 >/dev/null
echo "${PIPESTATUS[0]}"
litetool ltx list chain/*1.ltx >/dev/full
