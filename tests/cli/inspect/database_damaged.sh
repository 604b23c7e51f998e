# a damaged page is named with its offset, in text and in JSON
make_db app.db 30 512
flip app.db 1024
litetool inspect --pages app.db
code litetool inspect --pages --json app.db
