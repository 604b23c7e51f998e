# A tree with one fault of each kind.
need python3
mkdir -p formats/ltx formats/base core/os fuse cmd tests notes
echo 'x' >notes/plan.txt
printf 'a.cc good.cc wide.cc base/low.cc\n' >formats/CMakeLists.txt
printf '#include "core/os/env.h"\n#include <sqlite3.h>\n' >formats/a.cc
printf '#include "formats/ltx/header.h"\n' >formats/base/low.cc
printf '// Not in any list.\n' >formats/dead.cc
printf 'int x;\n' >core/os/bare.h
{
  printf 'namespace litetool {\nclass Big {\n  int long_one(int x) {\n'
  for _ in $(seq 68); do echo '    x = x + 1;'; done
  printf '    return x;\n  }\n};\n}  // namespace litetool\n'
} >formats/good.cc
host=http://sta''tic
{
  echo '// TO''DO: later'
  echo "// see $host.example.org and $(printf 'x%.0s' $(seq 100))"
  echo 'using namespace std;'
} >formats/wide.cc
said=$("$SOURCE/scripts/tidy" --no-format .)
code=$?
sed "s,$host,HOST," <<<"$said"
exit $code
