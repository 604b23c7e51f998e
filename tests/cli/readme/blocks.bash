# Runs the command blocks of the README and holds what they print against what it shows.
#
# A block is fenced as ```console, or as ```console mount where a directory must be mountable. Lines
# that begin with "$ " are typed one after another in one shell; what stands below each is its
# output. Numbers, ids, times and column widths may differ, everything else may not.

# shape: what is compared of an output.
shape() {
  sed -E -e 's/^mounted .* [(](passthrough|cached),/mounted DIR (TIER,/' \
    -e 's/^unmounted .*/unmounted DIR/' \
    -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:.]+Z?/TIME/g' -e 's/\b[0-9a-f]{16}\b/ID/g' \
    -e 's/[0-9][0-9.,]*/N/g' -e 's/N (B|KiB|MiB|ms|s)\b/SIZE/g' -e 's/[ ]+/ /g' -e 's/ $//'
}

# type_command COMMAND: as typed; one that stays in the background has answered once it printed.
type_command() {
  eval "$1" >got 2>&1
  case $1 in
    *'&')
      for _ in $(seq 100); do
        if [ -s got ]; then return; fi
        sleep 0.1
      done
      ;;
  esac
}

finish_command() {
  if [ -z "$typed" ]; then return; fi
  type_command "$typed"
  if diff <(shape <want) <(shape <"got") >difference; then
    matched=$((matched + 1))
  else
    printf '$ %s\n' "$typed"
    cat difference
  fi
  : >want
}

# run_blocks KIND: prints how many commands printed what the README shows.
run_blocks() {
  local fence='```'
  awk -v kind="$fence$1" -v fence="$fence" '
    $0 == fence { inside = 0 }
    inside { print }
    $0 == kind { inside = 1 }' "$SOURCE/README.md" >blocks
  local line typed='' matched=0 commands
  commands=$(grep -c '^\$ ' blocks)
  mkdir walk && cd walk || exit 1
  exec 3<../blocks
  : >want
  while IFS= read -r line <&3; do
    case $line in
      '$ '*) finish_command; typed=${line#'$ '} ;;
      *) printf '%s\n' "$line" >>want ;;
    esac
  done
  finish_command
  cd ..
  test "$commands" -gt 0 && test "$matched" = "$commands" && echo "every command prints what the README shows"
}
