litetool --help | head -5
