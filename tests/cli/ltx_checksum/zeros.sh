# The page number is part of the sum: two pages of zeros differ, and do not cancel out.
truncate -s 1024 two.db
litetool ltx checksum --page-size 512 two.db
truncate -s 512 one.db
litetool ltx checksum --page-size 512 one.db
litetool ltx checksum --page-size 512 --pages two.db
