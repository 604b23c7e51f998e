# what is none of ours, what is empty, what is not there
echo hello >text
: >empty
code litetool inspect text
code litetool inspect empty
code litetool inspect missing
code litetool inspect --pages empty
code litetool inspect --frames empty
