# A folder makes the database; a single next file moves it on; both say where it stands.
make_chain chain
litetool ltx apply -d all.db chain
litetool ltx apply -d step.db chain/*1.ltx
litetool ltx apply -d step.db --dry-run chain/*2-*2.ltx
litetool ltx apply -d step.db chain/*2-*2.ltx
cmp all.db step.db && echo same
litetool ltx checksum --page-size 512 step.db
