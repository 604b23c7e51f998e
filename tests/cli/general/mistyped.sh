# What was meant is said where that is near, and nothing where it is not.
for word in umount verify dump lst versoin chek -v; do code litetool "$word"; done
code litetool restore --out x
code litetool log ''
code litetool keygen -o ''
code litetool ltx verify --max-age 0s .
