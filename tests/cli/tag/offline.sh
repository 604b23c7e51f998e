# Names are given, used as points, moved and taken away; without a mount.
make_history data
litetool tag data/app.db add first --at 1
code litetool tag data/app.db add release/1.0
litetool tag data/app.db list | cut -c 1-30
litetool tag data/app.db list --json | json_values name txid time
litetool restore data/app.db --at tag:first --check none --plan
code litetool restore data/app.db --at tag:other --plan
code litetool restore data/app.db --at tag: --plan
litetool events data/app.db --since tag:first | json_values type
echo "taken:"
code litetool tag data/app.db add first --at 2
code litetool tag data/app.db add first --at 1
code litetool tag data/app.db add first --at 2 --force
litetool tag data/app.db add new --at tag:first --json | json_names
echo "deleted:"
code litetool tag data/app.db delete first
code litetool tag data/app.db delete first
litetool tag data/app.db delete new --json | json_names
litetool tag data/app.db list -q | cut -c 1-30
