litetool version --json
