code litetool mount
code litetool mount missing
echo text >file
code litetool mount file
code litetool mount --no-such-flag .
