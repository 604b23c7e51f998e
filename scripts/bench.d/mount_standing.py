"""scripts/bench mount beyond its rounds: a minute of each load, idle mounts, memory."""

import os
import subprocess
import time

from measure import BenchError
from mount_places import CLIENT_LIMIT_S, Workshop, check_history, places
from mounted import Mount

RUNS = [
    ("sustained", "60 s of each write workload, and the history's bytes per transaction"),
    ("lag", "how long after its commit a transaction is in the history, in WAL mode"),
    ("idle", "what 100 open, untouched databases cost"),
    ("memory", "what a database of two million pages costs"),
]

SUSTAINED_S = 60
SUSTAINED = ("wal_NORMAL", "wal_FULL", "del_FULL", "trunc_FULL", "pers_FULL")
LAG_S, LAG_MUST_US = 10, 10_000
IDLE_DATABASES, IDLE_S, IDLE_MUST = 100, 20, 0.01
PAGES, BYTES_PER_PAGE, BASE_BYTES = 2_000_000, 16, 64 << 20


def mount_tiers(options):
    return [place for place in places(options.tier) if place not in ("native", "litefs")]


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_bytes(pid):
    with open(f"/proc/{pid}/status") as status:
        lines = dict(line.split(":", 1) for line in status)
    return int(lines["VmHWM"].split()[0]) * 1024


def history_bytes(folder):
    paths = (folder / ".litetool").rglob("*")
    return sum(path.stat().st_blocks * 512 for path in paths if path.is_file())


def sustained(options):
    print(f"{'test':<12}{'tier':<14}{'txn/s':>9}{'ratio':>8}{'p99 us':>9}{'bytes/txn':>11}  daemon")
    with Workshop() as shop:
        for test in SUSTAINED:
            native = shop.run(shop.folder(f"native-{test}"), SUSTAINED_S, [test])[test]
            print(f"{test:<12}{'native':<14}{native['per_s']:>9.0f}", flush=True)
            for tier in mount_tiers(options):
                folder = shop.folder(f"{tier}-{test}")
                with Mount(folder, tier) as mount:
                    inside = shop.run(folder, SUSTAINED_S, [test])[test]
                    cpu = cpu_seconds(mount.process.pid)
                check_history(folder)
                ratio = inside["per_s"] / native["per_s"]
                each = history_bytes(folder) / inside["count"]
                print(
                    f"{test:<12}{tier:<14}{inside['per_s']:>9.0f}{ratio:>8.2f}"
                    f"{inside['p99_us']:>9.0f}{each:>11.0f}  {cpu:.1f} s of CPU",
                    flush=True,
                )


def lag(options):
    with Workshop() as shop:
        for tier in mount_tiers(options):
            folder = shop.folder(tier)
            with Mount(folder, tier):
                figures = shop.run(folder, LAG_S, ["lag_full", "lag_paced"])
            check_history(folder)
            for name, figure in figures.items():
                missed = "" if figure["p99_us"] <= LAG_MUST_US else "  MISSED"
                print(
                    f"{tier}: {name}: {figure['per_s']:,.0f} commits/s, lag p50 "
                    f"{figure['p50_us'] / 1000:.1f} ms, p99 {figure['p99_us'] / 1000:.1f} ms, "
                    f"must <= {LAG_MUST_US // 1000} ms{missed}"
                )


class Standing:
    """A client that has made its databases and keeps them open while the with block runs."""

    def __init__(self, shop, folder, test):
        self.client = shop.start(folder, 0, [test], stdin=subprocess.PIPE)

    def __enter__(self):
        if not self.client.stdout.readline():
            raise BenchError("the client did not come up")

    def __exit__(self, *_):
        self.client.stdin.close()
        self.client.wait(timeout=CLIENT_LIMIT_S)


def idle(options):
    with Workshop() as shop:
        for tier in mount_tiers(options):
            folder = shop.folder(tier)
            with Mount(folder, tier) as mount:
                with Standing(shop, folder, f"hold_{IDLE_DATABASES}"):
                    time.sleep(5)  # what their creation left to be done is not idling
                    before = cpu_seconds(mount.process.pid)
                    time.sleep(IDLE_S)
                    share = (cpu_seconds(mount.process.pid) - before) / IDLE_S
            missed = "" if share < IDLE_MUST else "  MISSED"
            print(
                f"{tier}: {IDLE_DATABASES} open databases cost {share:.2%} of a core, "
                f"must < {IDLE_MUST:.0%}{missed}"
            )


def memory(options):
    limit = PAGES * BYTES_PER_PAGE + BASE_BYTES
    with Workshop() as shop:
        for tier in mount_tiers(options):
            folder = shop.folder(tier)
            with Mount(folder, tier) as mount:
                with Standing(shop, folder, f"tiny_{PAGES}"):
                    loaded = peak_bytes(mount.process.pid)
            with Mount(folder, tier) as mount:
                with Standing(shop, folder, "hold_1"):
                    again = peak_bytes(mount.process.pid)
            check_history(folder)
            missed = "" if max(loaded, again) <= limit else "  MISSED"
            print(
                f"{tier}: {PAGES:,} pages of 512 bytes: peak {loaded / 2**20:.0f} MiB while they "
                f"were written in one transaction, {again / 2**20:.0f} MiB mounted again, must <= "
                f"{limit / 2**20:.0f} MiB{missed}"
            )
