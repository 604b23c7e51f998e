"""scripts/bench scale: what a mount costs that has much of something, and how that grows.

Each load is made twice, at a tenth of the size and at full size. What takes more than ten times as
much at ten times the size grows faster than linearly, and is reported. Times of a command are those
of the whole process.
"""

import fnmatch
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import scale_loads
from measure import BenchError, can_drop_caches, drop_caches
from mounted import LITETOOL, MOUNT_WAIT_S, Mount
from mount_places import check_history
from mount_standing import cpu_seconds, peak_bytes

IDLE_S = 65  # upkeep comes each minute
COMMITS = 300
GROWTH = 10 * 1.3  # linear, and what measuring is off by

# What of a figure is too little to be compared: the start of a process, the timer's millisecond.
LEAST = {"s": 0.1, "ms": 5, "MiB": 64, "%": 0.5}


def rss_mib(pid):
    with open(f"/proc/{pid}/status") as status:
        lines = dict(line.split(":", 1) for line in status)
    return int(lines["VmRSS"].split()[0]) / 1024


def states(folder):
    """The state of each database, as the mount tells it."""
    said = json.loads((folder / ".litetool-status").read_text())
    return [database["state"] for database in said["databases"]]


class Served:
    """A mount; how long it took to begin, and until every history was at its database's state."""

    def __init__(self, folder, tier, databases):
        self.folder = folder
        begun = time.monotonic()
        self.mount = Mount(folder, tier)
        self.mount.__enter__()
        self.start_s = time.monotonic() - begun
        self.pid = self.mount.process.pid
        while True:
            said = states(folder)
            if len(said) >= databases and all(state == "ready" for state in said):
                break
            if time.monotonic() > begun + 2 * MOUNT_WAIT_S:
                self.end()
                raise BenchError(f"{folder}: not ready: {set(said)}, {len(said)} databases")
            time.sleep(0.01)
        self.ready_s = time.monotonic() - begun

    def end(self):
        code = self.mount.end()
        if code != 0:
            raise BenchError(f"litetool mount ended with {code}: {self.mount.said()}")

    def kill(self):
        self.mount.process.kill()
        self.mount.end()


def command_s(*arguments, rounds=5):
    """Median time of a command that must succeed."""
    times = []
    for _ in range(rounds):
        begun = time.monotonic()
        done = subprocess.run(
            [LITETOOL, *map(str, arguments), "-q"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        times.append(time.monotonic() - begun)
        if done.returncode != 0:
            raise BenchError(f"{arguments}: {done.stderr.decode().strip()}")
    return statistics.median(times)


def position(database):
    try:
        with open(f"{database}-pos") as file:
            return int(file.read().split("/")[0], 16)
    except FileNotFoundError:
        return 0


def lag_ms(database):
    """How long after its commit a transaction is in the history: median and 99 of 100."""
    connection = scale_loads.open_for_commits(database)
    lags = []
    for _ in range(COMMITS):
        before = position(database)
        connection.execute("UPDATE bench SET x = x + 1")
        committed = time.monotonic()
        while position(database) <= before:
            if time.monotonic() > committed + 30:
                raise BenchError(f"{database}: not captured within 30 s")
        lags.append((time.monotonic() - committed) * 1000)
        time.sleep(0.001)
    connection.close()
    lags.sort()
    return lags[len(lags) // 2], lags[len(lags) * 99 // 100]


def measure(load, tier):
    """A generator of figures by name: up to where the mount is left alone, and what is left then."""
    figures = {}
    folder, database = load.folder, load.database
    # What is in memory of a load that was just made depends on its size.
    if can_drop_caches():
        drop_caches()
    served = Served(folder, tier, load.databases)
    figures["first start, all captured s"] = served.ready_s
    served.end()
    served = Served(folder, tier, load.databases)
    try:
        figures["start s"] = served.start_s
        figures["all ready s"] = served.ready_s
        figures["memory MiB"] = rss_mib(served.pid)
        figures.update(load.listings())
        with load.clients():
            figures["lag, median ms"], figures["lag, 99 of 100 ms"] = lag_ms(database)
            load.end_busy_clients()
            figures["status s"] = command_s("status", folder)
            figures["status of one s"] = command_s("status", database)
            figures["log -n 20 s"] = command_s("log", database, "-n", 20)
            figures["memory in use MiB"] = rss_mib(served.pid)
            yield figures, served.pid
            figures["memory after a minute MiB"] = rss_mib(served.pid)
            figures["peak memory MiB"] = peak_bytes(served.pid) / 2**20
        served.kill()
        served = Served(folder, tier, load.databases)
        figures["start after a kill, all ready s"] = served.ready_s
    finally:
        served.end()
    check_history(folder)
    yield figures, None


def verdict(name, small, full):
    unit = name.rsplit(" ", 1)[1]
    if full <= LEAST[unit]:
        return ""
    return "MISSED: more than linear" if full > GROWTH * max(small, LEAST[unit] / 10) else ""


def report(load_name, unit, sizes, small, full):
    rows = []
    for name, value in full.items():
        growth = value / small[name] if small[name] else 0
        rows.append(
            {
                "load": load_name,
                "figure": name,
                "tenth": round(small[name], 4),
                "full": round(value, 4),
                "growth": round(growth, 2),
                "verdict": verdict(name, small[name], value),
            }
        )
    return {"load": load_name, "unit": unit, "sizes": sizes, "rows": rows}


def print_report(found):
    small, full = found["sizes"]
    print(f"\n{found['load']}: {small:,} and {full:,} {found['unit']}")
    for row in found["rows"]:
        figures = f"{row['tenth']:>12,.3f}{row['full']:>12,.3f}{row['growth']:>8.1f} x"
        print(f"  {row['figure']:<36}{figures}  {row['verdict']}".rstrip(), flush=True)


def run_load(make, work, tier, note):
    """Both sizes of one load; they are left alone at the same time."""
    with tempfile.TemporaryDirectory(dir=work) as folder:
        loads = [make(Path(folder) / str(size), size) for size in make.sizes]
        for load in loads:
            note(f"making {make.name}: {load.size:,} {make.unit} ...")
            load.make()
            os.sync()  # else the first sync in the mount would have to do it
        parts = []
        try:
            for load in loads:
                note(f"measuring {load.size:,} {make.unit} ...")
                parts.append(measure(load, tier))
                load.figures, load.pid = next(parts[-1])
            before = [cpu_seconds(load.pid) for load in loads]
            note(f"leaving them alone for {IDLE_S} s ...")
            time.sleep(IDLE_S)
            for load, cpu in zip(loads, before):
                share = (cpu_seconds(load.pid) - cpu) / IDLE_S
                load.figures["idle for a minute, of a processor %"] = share * 100
            for part in parts:
                next(part)
        finally:
            for part in parts:
                part.close()
        return report(make.name, make.unit, make.sizes, *(load.figures for load in loads))


def run(options):
    def note(text):
        print(text, file=sys.stderr, flush=True)

    if os.geteuid() != 0 and options.tier != "cached":
        raise BenchError("the passthrough tier needs root (or --tier cached)")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    makers = [make for make in scale_loads.LOADS if fnmatch.fnmatch(make.name, options.loads)]
    if not makers:
        names = ", ".join(make.name for make in scale_loads.LOADS)
        raise BenchError(f"no load is called {options.loads}: {names}")
    work = Path(tempfile.mkdtemp(prefix="litetool-scale-", dir="/var/tmp"))
    found = []
    try:
        for make in makers:
            found.append(run_load(make, work, options.tier or "passthrough", note))
            if not options.json:
                print_report(found[-1])
    finally:
        shutil.rmtree(work, ignore_errors=True)
    if options.json:
        print(json.dumps({"what": "scale", "loads": found}, indent=2))
