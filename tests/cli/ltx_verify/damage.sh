# A torn tail, a flipped byte, a cut file, another name: what, where, and the code of each.
make_chain chain
cat chain/* >two.ltxs && truncate -s 300 two.ltxs
code litetool ltx verify two.ltxs
cp -r chain flipped && flip flipped/*1.ltx 115
code litetool ltx verify flipped
cp -r chain cut && truncate -s 160 cut/*2.ltx
code litetool ltx verify cut
mkdir name && cp chain/*1.ltx name && cp chain/*2-*2.ltx name/0000000000000003-0000000000000003.ltx
code litetool ltx verify name
code litetool ltx verify --json flipped | sed 's/"message":".*"}/"message":...}/'
