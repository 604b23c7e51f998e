# What is in a history, without a mount; of all databases or of one, from a point on.
make_history data
mkdir data/sub
cp -r data/.litetool/db/app.db 'data/.litetool/db/sub%2Fother.db'
echo '0000000000000002 it was changed from outside' >data/.litetool/db/app.db/marks
code litetool events data
litetool events data/sub/other.db | json_names
litetool events data --since 1 | grep -c tx
litetool events data --since latest
litetool events data --since latest~1 | grep -c tx
litetool events data/.litetool | grep -c tx
code litetool events data --since never
code litetool events missing
mkdir empty
code litetool events empty
# A range that was merged is one event.
rm -r data/.litetool/db/sub*
(cd data/.litetool/db/app.db && litetool ltx compact -q *.ltx -o ../all.ltx && rm *.ltx &&
  mv ../all.ltx 0000000000000001-0000000000000002.ltx)
litetool events data | grep -o '"txID":"[^"]*"\|"minTXID":"[^"]*"'
