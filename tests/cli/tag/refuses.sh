# What cannot be named, and what is no way to ask for it.
make_history data
make_chain chain
code litetool tag data/app.db add x --at 9
code litetool tag data/app.db add 'two words'
code litetool tag data/app.db add
code litetool tag data/app.db list x
code litetool tag data/app.db list --at 1
code litetool tag data/app.db show
code litetool tag chain add x
code litetool tag elsewhere.db add x
leftovers data/.litetool/db/app.db
echo 'not a tag' >data/.litetool/db/app.db/tags
code litetool tag data/app.db add x
code litetool restore data/app.db --at tag:x --plan
code litetool restore data/app.db --at 1 --check none --plan
