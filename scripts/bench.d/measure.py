"""Timed runs of whole processes, in interleaved rounds on a machine that is quiet if possible."""

import os
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass, field

from mounted import BUILD

TOOLS = BUILD / "tests" / "bench"
PROBE = TOOLS / "bench_probe"
QUIET_SHARE = 0.92  # of the CPU time over 0.4 s


class BenchError(Exception):
    """A run that failed or gave a wrong result: nothing it measured counts."""


@dataclass
class Variant:
    """One way to do a row's work: a command line, what to prepare, and the proof of its result."""

    name: str
    command: list
    prepare: object = None  # called before each run, untimed
    check: object = None  # called with the standard output, which else goes to /dev/null


@dataclass
class Bar:
    """`variant` must do at least `at_least` times what `against` does in the same time."""

    variant: str
    against: str
    at_least: float


@dataclass
class Limit:
    """`variant` must take no longer than this; or, where that is said, reach its bars."""

    variant: str
    at_most_s: float
    or_bars: bool = False


@dataclass
class Row:
    name: str
    size_bytes: int  # what a rate refers to
    variants: list
    bars: list
    memory_mib: int = 64  # for litetool's own variants
    limits: list = field(default_factory=list)
    seconds: dict = field(default_factory=dict)  # variant name -> one value per round
    cpu_s: dict = field(default_factory=dict)
    peak_kib: dict = field(default_factory=dict)
    busy: dict = field(default_factory=dict)  # runs that began on a machine that was not quiet

    def median(self, variant):
        return statistics.median(self.seconds[variant])

    def ratio(self, variant, against):
        """How many times faster: the median of the ratios of each round."""
        pairs = zip(self.seconds[against], self.seconds[variant])
        return statistics.median(other / own for other, own in pairs)


def cpu_times():
    with open("/proc/stat") as stat:
        values = [int(v) for v in stat.readline().split()[1:9]]
    return values[3] + values[4], sum(values)


def wait_until_quiet(limit_s):
    """True once the machine was idle for 0.4 s, False when it was not within the limit."""
    deadline = time.monotonic() + limit_s
    while True:
        idle, total = cpu_times()
        time.sleep(0.4)
        idle_after, total_after = cpu_times()
        if (idle_after - idle) >= QUIET_SHARE * (total_after - total):
            return True
        if time.monotonic() >= deadline:
            return False


def drop_caches():
    os.sync()
    with open("/proc/sys/vm/drop_caches", "w") as control:
        control.write("3\n")


def can_drop_caches():
    return os.access("/proc/sys/vm/drop_caches", os.W_OK)


def run_once(variant):
    """Seconds, CPU seconds and peak memory in KiB of one run, whose result was checked."""
    if variant.prepare:
        variant.prepare()
    with tempfile.NamedTemporaryFile("r") as report:
        command = [str(PROBE), "run", report.name, *map(str, variant.command)]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE if variant.check else subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        fields = report.read().split()
    shown = " ".join(map(str, variant.command))
    if done.returncode != 0 or len(fields) != 4:
        raise BenchError(f"{shown}: cannot be run: {done.stderr.strip()}")
    if fields[3] != "0":
        raise BenchError(f"{shown}: exit {fields[3]}: {done.stderr.strip() or done.stdout}")
    if variant.check:
        variant.check(done.stdout)
    return float(fields[0]), float(fields[1]), int(fields[2])


def measure_row(row, rounds, idle_wait_s, note):
    """One untimed pass, then `rounds` rounds in which every variant runs once."""
    note(f"{row.name} ...")
    for variant in row.variants:
        run_once(variant)
        for values in (row.seconds, row.cpu_s, row.peak_kib):
            values[variant.name] = []
        row.busy[variant.name] = 0
    for _ in range(rounds):
        for variant in row.variants:
            row.busy[variant.name] += not wait_until_quiet(idle_wait_s)
            seconds, cpu_s, peak_kib = run_once(variant)
            row.seconds[variant.name].append(seconds)
            row.cpu_s[variant.name].append(cpu_s)
            row.peak_kib[variant.name].append(peak_kib)
    return row


def memcpy_bytes_per_s(size_bytes):
    done = subprocess.run([PROBE, "memcpy", str(size_bytes)], capture_output=True, check=True)
    return size_bytes / float(done.stdout)
