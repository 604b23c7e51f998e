make_chain chain
litetool ltx verify chain
litetool ltx verify --level structure chain/*
litetool ltx verify -q chain
cat chain/* >two.ltxs
litetool ltx verify two.ltxs
litetool ltx verify --json chain
for f in "$GOLDEN"/ltx/*.ltx; do
  litetool ltx verify --level content "$f" >out || { echo "$f:"; cat out; }
done
