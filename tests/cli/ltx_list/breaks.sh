# A gap and a broken link stand where they are; damage is named, and the rest is listed.
mkdir gap && cp "$GOLDEN"/ltx/v0.5.2-snap.ltx "$GOLDEN"/ltx/v0.3.14-raw-drop.ltx gap
code litetool ltx list gap
code litetool ltx list --tsv gap | grep '^#'
make_chain chain
truncate -s 160 chain/*2.ltx
code litetool ltx list --tsv chain
code litetool ltx list missing
mkdir empty && code litetool ltx list empty
code litetool ltx list
