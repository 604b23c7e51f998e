# A transaction that is not in the file.
cp "$GOLDEN/ltx/v0.5.2-incr.ltx" two.ltx
code litetool ltx dump two.ltx --txid 2 | grep -c .
code litetool ltx dump two.ltx --txid 7
