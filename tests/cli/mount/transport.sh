# From the device, as everywhere without root; a way that does not exist is refused.
can_mount data
need python3
litetool mount --daemon -q --transport device data >/dev/null
litetool status --json data | python3 -c 'import json, sys; print(json.load(sys.stdin)["mount"]["transport"])'
litetool unmount -q data
code litetool mount --transport pigeon data
