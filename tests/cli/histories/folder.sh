# A plain folder of LTX files: transactions of several variants, a range, and a gap.
. "$SOURCE/tests/cli/histories/histories.bash"
unpack 0.5.18
litetool ltx convert -q 0.5.18/ltx/0 -o all --to v2 --checksums add >converted
agree_everywhere all 0.5.18 4
mkdir some
cp all/000000000000000[1-8]-*.ltx some
litetool ltx compact -q all/000000000000000[9abcdef]-*.ltx -o some/0000000000000009-000000000000000f.ltx
litetool ltx convert -q all/000000000000001[0-5]-*.ltx -o some --to v1-raw >converted
litetool ltx convert -q all/000000000000001[6-9]-*.ltx -o some --to v3-block >converted
cp all/000000000000002*.ltx some
tell some
code litetool restore some --at 0xa -o out.db
code litetool restore some --at 0x20 -o out.db
