# A script of SQL that never ends is stopped by the first signal, and leaves nothing.
echo 'CREATE TABLE t (a);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n;' >endless.sql
code timeout --preserve-status -k 20 -s TERM 1 litetool import endless.sql new.db
leftovers .
