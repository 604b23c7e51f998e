litetool version --json --colour
