# Every example of every man page is typed as it stands there, and ends with the exit code that it should.
#
# Each page gets a fresh directory that holds what its examples take for granted. The history of
# data/app.db begins in the past, so that yesterday and ten minutes ago are points of it. Paths from
# the root of the file system lie in that directory.
need sqlite3
can_mount page/data
export HOME=$PWD

# data/app.db with 45 transactions, the first of them long ago.
make_data() {
  mkdir -p data/.litetool/db/app.db
  make_db data/app.db 50
  litetool ltx encode data/app.db -q --txid 1 --timestamp 2026-01-05T10:00:00Z \
    -o data/.litetool/db/app.db/0000000000000001-0000000000000001.ltx
  serve_data
  local i
  for i in $(seq 2 45); do sqlite3 data/app.db "UPDATE users SET name = 'new $i' WHERE id = $i"; done
  leave data
}

serve_data() {
  rm -f ready
  litetool mount -q data >ready 2>log &
  eventually test -s ready
}

leave() {
  local place
  for place; do
    if mountpoint -q "$place"; then litetool unmount -q "$place"; fi
  done
  wait
}

# chain DIR: the history of data/app.db as a file for each transaction.
chain() {
  litetool ltx split data/.litetool/db/app.db/*.ltxs -o "$1" -q
  cp data/.litetool/db/app.db/*.ltx "$1"
}

# prepare PAGE: what the examples of that page begin with.
prepare() {
  local id=0000000000000001
  case $1 in
    audit) cp data/app.db copy.db; mkdir history; cp -r data/.litetool/db/app.db history/ ;;
    completion) mkdir -p "$HOME/.zfunc" "$HOME/.config/fish/completions" ;;
    config-check | config-show) printf '[mount]\ntier = "cached"\n' >litetool.toml ;;
    diff) litetool restore data/app.db --at 42 -o copy.db -q ;;
    import)
      cp data/app.db backup.db
      litetool export data/app.db --seal "$(litetool keygen -o backup.key -q)" -o app.age -q
      sqlite3 data/app.db .dump >dump.sql
      ;;
    inspect | ltx-checksum | ltx-encode)
      mkdir live
      make_db live/app.db
      sqlite3 live/app.db 'PRAGMA journal_mode = WAL' 'DELETE FROM users WHERE id = 1' '.shell cp live/app.db* .' >mode
      ;;
    ltx-apply)
      cp "$GOLDEN/ltx/v0.5.2-snap.ltx" snapshot.ltx
      mkdir ltx
      cp snapshot.ltx ltx/0000000000000001-0000000000000001.ltx
      cp "$GOLDEN/ltx/v0.5.2-incr.ltx" next.ltx
      ;;
    ltx-compact) chain ltx ;;
    ltx-convert)
      cp "$GOLDEN/ltx/v0.1.0-snap.ltx" old.ltx
      make_chain dbs/app.db/ltx
      make_chain ltx/0
      ;;
    ltx-dump)
      cp "$GOLDEN/ltx/v0.5.2-snap.ltx" backup.ltx
      chain .
      litetool restore data/app.db --at 40 -o app.db -q
      ;;
    ltx-extract) litetool ltx encode data/app.db -o app.ltx -q ;;
    ltx-list | ltx-verify)
      chain backup/app
      litetool ltx encode data/app.db -o backup/app.ltx -q
      cp backup/app.ltx backup.ltx
      ;;
    ltx-split) cp "data/.litetool/db/app.db/"*.ltxs $id.ltxs ;;
    mount)
      sqlite3 data/app.db 'CREATE TABLE t (x)'
      mkdir -p srv/db mnt/db backup
      printf '#!/bin/sh\n' >server
      chmod +x server
      ;;
    points | restore) chain backup/replica ;;
  esac
}

# examples PAGE: the command lines of its examples, as `man` shows them.
examples() {
  local file=$SOURCE/man/litetool-$1.1
  if [ "$1" = litetool ]; then file=$SOURCE/man/litetool.1; fi
  sed -n '/^\.Sh EXAMPLES/,/^\.Sh SEE/p' "$file" | sed 's/\\&//g; s/\\-/-/g; s/\\e/\\/g' |
    grep -E '^(litetool|sqlite3|source) '
}

# typed LINE: runs it here, prints its exit code and itself; and why, when it failed. A
# command that follows the history is ended after it had time to answer; what is mounted makes room.
typed() {
  local line=$1 here=$PWD end= code
  line=${line//age1.../${key-}}
  line=$(sed -E "s#(^|[ =])/(backup|srv|mnt)#\\1$here/\\2#g" <<<"$line")
  case $line in *--follow*) end='timeout 1 ' ;; esac
  case $line in
    'litetool mount --daemon'* | 'litetool mount '*' -- '*) leave data mnt/db ;;
    'litetool mount '*) leave data mnt/db; line="${line%&} &" ;;
  esac
  rm -f ready
  case $line in
    *'&') eval "$line" >ready 2>../said </dev/null; eventually test -s ready; code=$? ;;
    *) bash -c "$end$line" >../said 2>&1 </dev/null; code=$? ;;
  esac
  echo "  $code: $1"
  case $code in 0 | 3 | 124) ;; *) sed 's/^/      /' ../said ;; esac
}

mkdir original
cd original && make_data && cd ..
for page in $(cd "$SOURCE/man" && grep -l '^\.Sh EXAMPLES' litetool.1 litetool-*.1 | sed 's/litetool-//; s/\.1$//'); do
  rm -rf page
  cp -a original page
  rm page/data/.litetool/identity  # else it is a copy of another directory's history
  cd page || exit 1
  echo "$page"
  prepare "$page"
  case $page in events | status | unmount) serve_data ;; esac
  key=$(litetool keygen -o key -q)
  while IFS= read -r line <&3; do typed "$line"; done 3< <(examples "$page")
  leave data mnt/db
  cd ..
done
