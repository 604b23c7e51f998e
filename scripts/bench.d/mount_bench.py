"""scripts/bench mount: SQLite's commits in a mount, capture included, against the plain directory.

A round: the plain directory first, then the same tests in a fresh mount beside it, each in one
client process. What counts is the median over the rounds of the ratio within a round. The client
checks that no row was lost; after each round the history that the mount wrote must verify.
"""

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import report
from measure import BUILD, LITETOOL, TOOLS, BenchError, die_with_parent, wait_until_quiet

CLIENT = TOOLS / "bench_sqlite_client"
MOUNT_WAIT_S = 15
TESTS = {"wal_NORMAL": 0.70, "wal_FULL": 0.85, "del_FULL": 0.55, "trunc_FULL": None}  # name -> must


def is_mounted(path):
    with open("/proc/self/mounts") as mounts:
        return any(line.split()[1] == str(path) for line in mounts)


class Mount:
    """`litetool mount` over a directory while the with block runs; unmounted whatever happens."""

    def __init__(self, path):
        self.path = path
        self.log = tempfile.TemporaryFile("w+")

    def __enter__(self):
        self.process = subprocess.Popen(
            [LITETOOL, "mount", self.path],
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,
        )
        deadline = time.monotonic() + MOUNT_WAIT_S
        while not is_mounted(self.path):
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.end()
                raise BenchError(f"litetool mount {self.path}: {self.said()}")
            time.sleep(0.01)
        return self

    def __exit__(self, kind, *_):
        code = self.end()
        if kind is None and code != 0:
            raise BenchError(f"litetool mount ended with {code}: {self.said()}")

    def said(self):
        self.log.seek(0)
        return self.log.read().strip()

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        if is_mounted(self.path):
            subprocess.run(["umount", "-l", self.path], check=False)
        return code


def run_client(folder, seconds, tests):
    done = subprocess.run([CLIENT, folder, str(seconds), *tests], capture_output=True, text=True)
    if done.returncode != 0:
        raise BenchError(f"in {folder}: {done.stderr.strip()}")
    return {line["test"]: line for line in map(json.loads, done.stdout.splitlines())}


def check_history(folder):
    done = subprocess.run(
        [LITETOOL, "ltx", "verify", folder / ".litetool"], capture_output=True, text=True
    )
    if done.returncode != 0:
        raise BenchError(
            f"the history does not verify: {done.stdout.strip()} {done.stderr.strip()}"
        )


def run_round(work, seconds, tests):
    """The client's lines of the plain directory and of the mount."""
    native, mounted = work / "native", work / "mounted"
    for folder in (native, mounted):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
    os.sync()
    plain = run_client(native, seconds, tests)
    with Mount(mounted):
        inside = run_client(mounted, seconds, tests)
    check_history(mounted)
    return plain, inside


def summary(test, must, rounds):
    native = [plain[test]["per_s"] for plain, _ in rounds]
    mounted = [inside[test]["per_s"] for _, inside in rounds]
    ratios = [inside / plain for inside, plain in zip(mounted, native)]
    fields = {
        "test": test,
        "native_per_s": native,
        "mounted_per_s": mounted,
        "p50_us": statistics.median(inside[test]["p50_us"] for _, inside in rounds),
        "p99_us": statistics.median(inside[test]["p99_us"] for _, inside in rounds),
        "ratio": round(statistics.median(ratios), 3),
        "ratio_min": round(min(ratios), 3),
        "ratio_max": round(max(ratios), 3),
        "must": must,
    }
    if must is not None:
        fields["reached"] = fields["ratio"] >= must
    return fields


def print_summary(fields):
    def spread(values):
        return f"{statistics.median(values):8.0f} txn/s ({min(values):.0f}-{max(values):.0f})"

    ratio = f"{fields['ratio']:.2f} of native"
    if fields["must"] is not None:
        ratio = report.verdict(fields["ratio"], fields["must"], "of native")
    print(f"\n{fields['test']}")
    print(f"  native   {spread(fields['native_per_s'])}")
    print(
        f"  mounted  {spread(fields['mounted_per_s'])}  p50 {fields['p50_us']:.0f} us, "
        f"p99 {fields['p99_us']:.0f} us"
    )
    print(f"    {ratio} ({fields['ratio_min']:.2f}-{fields['ratio_max']:.2f})")


def run(options):
    tests = [test for test in TESTS if options.only in test]
    if not os.access("/dev/fuse", os.R_OK | os.W_OK):
        raise BenchError("/dev/fuse is not there: nothing can be mounted here")
    folder = BUILD / "bench"
    folder.mkdir(exist_ok=True)
    rounds, busy = [], 0
    with tempfile.TemporaryDirectory(dir=folder, prefix="run-") as name:
        work = Path(name)
        for number in range(options.rounds):
            print(f"round {number + 1} of {options.rounds} ...", file=sys.stderr, flush=True)
            busy += not wait_until_quiet(options.idle_wait)
            rounds.append(run_round(work, options.seconds, tests))
    results = [summary(test, TESTS[test], rounds) for test in tests]
    if options.json:
        print(
            json.dumps(
                {"what": "mount", "rounds": options.rounds, "busy_rounds": busy, "tests": results},
                indent=2,
            )
        )
        return
    for fields in results:
        print_summary(fields)
    print(
        f"\n{options.rounds} rounds of {options.seconds} s, "
        f"{busy} begun on a machine that was not quiet; "
        "medians (min-max)"
    )
