# Everything that can be read is shown, what is wrong is marked, the code is 4.
make_chain chain
cp chain/*1.ltx flipped.ltx && flip flipped.ltx 115
code litetool ltx dump flipped.ltx
head -c 150 chain/*1.ltx >cut.ltx
code litetool ltx dump cut.ltx
cp chain/*1.ltx trailer.ltx && flip trailer.ltx 200
code litetool ltx dump trailer.ltx | tail -5
cat chain/* >two.ltxs && truncate -s 300 two.ltxs
code litetool ltx dump two.ltxs | grep -c '# HEADER'
code litetool ltx dump missing
echo 'just text' >text && code litetool ltx dump text
code litetool ltx dump --page 9 chain/*1.ltx
code litetool ltx dump --txid 9 chain/*1.ltx
