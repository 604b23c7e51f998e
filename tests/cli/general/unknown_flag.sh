litetool version --colour
