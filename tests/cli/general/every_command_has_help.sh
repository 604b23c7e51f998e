# Every command of the overview: --help ends with 0, names the command and shows an example.
litetool --help | sed -n '/^Commands:/,/^$/s/^  \([a-z ]*[a-z]\)  .*/\1/p' >commands
test "$(wc -l <commands)" -ge 2 || echo "no commands found in the overview"
while read -r command; do
  # shellcheck disable=SC2086
  litetool $command --help >help 2>&1 || echo "$command --help fails"
  head -1 help | grep -q "litetool $command" || echo "$command --help does not begin with its usage"
  grep -q "^Examples:" help || echo "$command --help has no examples"
  # shellcheck disable=SC2086
  litetool $command --no-such-flag >out 2>err
  test $? = 2 || echo "$command takes an unknown flag"
  test -s out && echo "$command prints the error on stdout"
  grep -q -e "--no-such-flag" err || echo "$command does not name the unknown flag"
done <commands
