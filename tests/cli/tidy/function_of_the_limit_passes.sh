# 70 lines are allowed; braces in strings, initialisers and lambdas are not functions.
need python3
mkdir -p formats
echo 'good.cc' >formats/CMakeLists.txt
{
  printf 'const char* kText = "void f() {";\nconst int kTable[] = {1, 2};\n'
  for _ in $(seq 80); do echo 'void g();'; done
  printf 'int long_one(int x) {\n  auto f = [&] { return x; };\n  x = f();\n'
  for _ in $(seq 65); do echo '  x = x + 1;'; done
  printf '  return x;\n}\n'
} >formats/good.cc
"$SOURCE/scripts/tidy" --no-format .
