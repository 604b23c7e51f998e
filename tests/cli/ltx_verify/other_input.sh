make_chain chain
code litetool ltx verify missing
mkdir empty && code litetool ltx verify empty
echo 'just text' >text && code litetool ltx verify text
: >empty.ltx && code litetool ltx verify empty.ltx
code litetool ltx verify
code litetool ltx verify --level deepest chain
code litetool ltx verify --max-age 1h chain
cp text chain/README && cp text chain/x.ltx.tmp && code litetool ltx verify chain
litetool ltx verify chain >/dev/full
