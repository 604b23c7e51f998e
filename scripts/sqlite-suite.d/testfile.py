"""One test file of SQLite's suite, run in a directory of its own, and what it printed."""

import os
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field

TIME_LIMIT_S = 300
NOBODY = 65534

# "name... Ok", "name... Omitted", or only "name..." with lines "! name expected: ..." below.
RESULT = re.compile(r"^(\S.*?)\.\.\. (Ok|Omitted)$|^(\S+)\.\.\. ?$")
FAILURE = re.compile(r"^! ?(\S+) (expected|got): ?(.*)$")
TOTAL = re.compile(r"^(\d+) errors out of (\d+) tests")


@dataclass
class Outcome:
    """What a file's tests did; two outcomes are compared by `results`."""

    file: str
    results: Counter  # (name, verdict) -> times
    failures: dict  # name -> the lines that say what was expected and what came
    tests: int
    seconds: float
    log: str = field(repr=False, default="")


def parse(file, text, ended, seconds):
    results, failures, tests = Counter(), {}, 0
    for line in text.splitlines():
        if m := RESULT.match(line):
            results[m.group(1) or m.group(3), m.group(2) or "not ok"] += 1
        elif m := FAILURE.match(line):
            failures.setdefault(m.group(1), []).append(f"{m.group(2)}: {m.group(3)}")
        elif m := TOTAL.match(line):
            tests = int(m.group(2))
    if not tests:
        results[file, f"did not finish: {ended}"] += 1
        failures[file] = [f"its last lines: {text.splitlines()[-5:]}"]
    return Outcome(file, results, failures, tests, seconds, text)


def ordinary_user():
    """Arguments for Popen: the suite refuses root."""
    if os.geteuid() != 0:
        return {}
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []}


def fresh_folder(folder):
    """`folder`, empty, which an ordinary user may fill."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if os.geteuid() == 0:
        os.chown(folder, NOBODY, NOBODY)
    return folder


def run(testfixture, source, file, folder):
    """Runs `file` in `folder`, which is made fresh; everything it started has ended on return."""
    fresh_folder(folder)
    log = folder.parent.parent / f"{folder.parent.name}-{file}.log"
    start = time.monotonic()
    with open(log, "w+", errors="replace") as out:
        process = subprocess.Popen(
            [testfixture, source / "test" / "permutations.test", "veryquick", file],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": "/", "LANG": "C", "TMPDIR": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **ordinary_user(),
        )
        try:
            code = process.wait(timeout=TIME_LIMIT_S)
            ended = f"exit code {code}"
        except subprocess.TimeoutExpired:
            ended = f"not within {TIME_LIMIT_S} s"
        finally:
            end_session(process)
        seconds = time.monotonic() - start
        out.seek(0)
        text = out.read()
    log.unlink()
    return parse(file, text, ended, seconds)


def end_session(process):
    """Ends what the test left running as well: it has its own process group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def verdicts(outcome):
    """What became of each name: (verdict, times), sorted."""
    names = {}
    for (name, verdict), times in sorted(outcome.results.items()):
        names.setdefault(name, []).append((verdict, times))
    return names


def differences(natives, mounts):
    """(name, natively, in the mount) of every test that no try had the same on both sides.

    A test whose result varies natively is one only if it fails in the mount alone, each time.
    """
    natives, mounts = [verdicts(o) for o in natives], [verdicts(o) for o in mounts]
    for name in sorted(set().union(*natives, *mounts)):
        natively = [seen.get(name, []) for seen in natives]
        inside = [seen.get(name, []) for seen in mounts]
        if any(one in natively for one in inside):
            continue
        varies = any(one != natively[0] for one in natively)
        if varies and (any(map(fails, natively)) or not all(map(fails, inside))):
            continue
        yield name, shown(natively[0]), shown(inside[0])


def fails(seen):
    return any(verdict not in ("Ok", "Omitted") for verdict, _ in seen)


def shown(seen):
    return ", ".join(v if n == 1 else f"{v} x{n}" for v, n in seen) or "not run"
