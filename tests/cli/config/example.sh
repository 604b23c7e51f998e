# The example that packages install: every setting, with its default.
cp "$SOURCE/scripts/package.d/litetool.toml" litetool.toml
code litetool config check litetool.toml
mkdir data
litetool config show data | sed 's/ *#.*//; s/ *$//' >defaults
litetool config show data --config litetool.toml | sed 's/ *#.*//; s/ *$//' >shown
diff defaults shown && echo "all defaults"
sed 's/ *#.*//' litetool.toml | grep '=' | cut -d ' ' -f 1 | sort >named
grep '=' defaults | cut -d ' ' -f 1 | sort | diff named - && echo "no setting is missing"
