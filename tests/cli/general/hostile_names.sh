# Names that would take a terminal over are shown; JSON has them as they are.
mkdir evil
touch evil/$'a\e[31m\n.ltx'
code litetool ltx list evil
make_db $'new\nline.db' 1
litetool inspect $'new\nline.db' | head -n 1
litetool inspect --json $'new\nline.db' | grep -o '"path":"[^"]*"'
code litetool inspect --json $'no\nfile'
