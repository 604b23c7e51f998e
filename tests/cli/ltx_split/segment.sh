# Every image of a segment is a file by itself.
make_chain chain
cat chain/* >two.ltxs
litetool ltx split two.ltxs -o out
diff -r chain out && echo same
code litetool ltx split two.ltxs -o out
truncate -s 300 two.ltxs
code litetool ltx split two.ltxs -o torn
code litetool ltx split missing.ltxs -o torn2
leftovers . | grep -v chain | tr '\n' ' '
