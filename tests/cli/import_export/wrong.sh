# What cannot be: nothing appears, and the message says what to do.
need sqlite3
make_db app.db
code litetool export app.db
code litetool export app.db --since 1 -o x
code litetool export app.db --at 1 -o x
code litetool export missing.db -o x
code litetool export app.db --seal age1nonsense -o x
code litetool export app.db --json -o -
: >empty
code litetool export app.db --passphrase-file empty -o x
echo 'secret' >phrase
litetool keygen -o key >recipient
code litetool keygen -o key
code litetool export app.db --seal "$(cat recipient)" --passphrase-file phrase -o x
code litetool export app.db -o app.db
litetool export app.db --seal "$(cat recipient)" -o sealed -q
code litetool import sealed y.db
code litetool import sealed y.db -i recipient
code litetool import sealed y.db --passphrase-file phrase
for unsealed in app.db dump.sql zeros empty chain; do
  case $unsealed in
    dump.sql) echo "CREATE TABLE t (a)" >dump.sql ;;
    zeros) head -c 1000 /dev/zero >zeros ;;
    chain) make_chain chain ;;
  esac
  code litetool import $unsealed y.db -i key
done
flip sealed 6000
code litetool import sealed y.db -i key
litetool export app.db --compress zstd -o z -q
head -c 500 z >cut
code litetool import cut y.db
head -c 5000 app.db >short.db
code litetool import short.db y.db
code litetool import app.db app.db
head -c 1000 /dev/zero >zeros
code litetool import zeros y.db
echo "CREATE TABLE t (a); INSERT INTO t VALUES (1); INSERT INTO u VALUES (2)" >bad.sql
code litetool import bad.sql y.db
echo "ATTACH 'stolen.db' AS s" >attach.sql
code litetool import attach.sql y.db
echo "CREATE TABLE t (a); VACUUM INTO 'stolen.db'" >vacuum.sql
code litetool import vacuum.sql y.db
echo "BEGIN; CREATE TABLE t (a)" >cut.sql
code litetool import cut.sql y.db
leftovers .
