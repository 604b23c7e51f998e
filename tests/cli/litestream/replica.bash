# Reads a replica that Litestream wrote: every level is valid, and every transaction that Litestream
# can restore comes out as the same bytes. Sourced by the cases beside it.

# txids FILE: sets min and max from its name.
txids() {
  local name=${1##*/}
  name=${name%.ltx}
  min=$((16#${name%-*})) max=$((16#${name#*-}))
}

# chain_to REPLICA TXID smallest|largest: the files, one a line, that Litestream's plan takes to
# exactly TXID: the last snapshot at or before it, then files that go on from there, in small or
# large steps. (A snapshot may be ahead of its TXID, so leaving it out can lead to other bytes.)
chain_to() {
  local goal=$((16#$2)) at=0 file min max best best_max
  for file in "$1"/ltx/9/*.ltx; do
    txids "$file"
    if [ "$max" -le "$goal" ] && [ "$max" -gt "$at" ]; then best=$file at=$max; fi
  done
  if [ "$at" -gt 0 ]; then echo "$best"; fi
  while [ "$at" -lt "$goal" ]; do
    best=
    for file in "$1"/ltx/[0-8]/*.ltx; do
      txids "$file"
      if [ "$min" -gt $((at + 1)) ] || [ "$max" -le "$at" ]; then continue; fi
      if [ "$max" -gt "$goal" ]; then continue; fi
      if [ -z "$best" ] || { [ "$3" = smallest ] && [ "$max" -lt "$best_max" ]; } ||
        { [ "$3" = largest ] && [ "$max" -gt "$best_max" ]; }; then
        best=$file best_max=$max
      fi
    done
    if [ -z "$best" ]; then return 1; fi
    echo "$best"
    at=$best_max
  done
}

# last_snapshot_on FILE...: the files from the last one that holds everything on; compaction takes
# no others.
last_snapshot_on() {
  local file min max kept=()
  for file; do
    txids "$file"
    if [ "$min" = 1 ]; then kept=(); fi
    kept+=("$file")
  done
  printf '%s\n' "${kept[@]}"
}

# restores_as SHA256 FILE...: applies the files to a new database.
restores_as() {
  local want=$1
  shift
  rm -f out.db
  litetool ltx apply --quiet -d out.db "$@" && [ "$(sum out.db)" = "$want" ]
}

# s3_spelling REPLICA: renames its levels to what they are called in a bucket.
s3_spelling() {
  local level
  for level in "$1"/ltx/*; do mv "$level" "$1/000$(basename "$level")"; done
  rmdir "$1/ltx"
}

check_replica() {
  local version=$1 txid sha count=0 chain level
  need tar zstd
  tar --zstd -xf "$GOLDEN/litestream/litestream-$version.tar.zst"
  for level in "$version"/ltx/*; do
    litetool ltx verify --quiet "$level" || echo "level $(basename "$level") does not verify"
  done
  while read -r txid sha; do
    for steps in smallest largest; do
      mapfile -t chain < <(chain_to "$version" "$txid" "$steps")
      [ ${#chain[@]} -gt 0 ] || { echo "$txid: no chain of $steps steps"; continue; }
      restores_as "$sha" "${chain[@]}" || echo "$txid: wrong in $steps steps"
    done
    rm -f one.ltx
    mapfile -t chain < <(last_snapshot_on "${chain[@]}")
    litetool ltx compact --quiet "${chain[@]}" -o one.ltx
    restores_as "$sha" one.ltx || echo "$txid: wrong after compaction"
    rm -f out.db
    litetool restore --quiet "$version" --at "$txid" -o out.db && [ "$(sum out.db)" = "$sha" ] ||
      echo "$txid: restored wrong"
    count=$((count + 1))
  done < <(grep -oE '"[0-9a-f]{16}": "[0-9a-f]{64}"' "$version.json" | tr -d '":')
  cmp out.db "$version.db"
  s3_spelling "$version"
  litetool restore --quiet --force "$version" -o out.db && cmp out.db "$version.db"
  echo "$count transactions"
}
