# A service manager hears when the mount is ready and when it ends; the command does not inherit it.
can_mount data
need python3
cat >listen.py <<'END'
import os, socket, subprocess, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("notify")
s.settimeout(30)
env = dict(os.environ, NOTIFY_SOCKET=os.path.abspath("notify"))
p = subprocess.Popen(["litetool", "mount", "-q", "--tier", "cached", "data", "--", "sh", "-c",
                      "echo ${NOTIFY_SOCKET-unset} >heard"], env=env)
for n in range(2):
    for line in s.recv(4096).decode().splitlines():
        print(line.split("=")[0] + "=" + ("N" if "PID" in line else line.split("=")[1].split(" ")[0]))
print("exit", p.wait(), open("heard").read().strip())
END
python3 -u listen.py
