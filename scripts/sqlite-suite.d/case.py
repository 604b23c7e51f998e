"""One case of the suite: a process, or several one after another, in a directory of its own.

A case has a `name` and `run(folder, limit_s)`, which gives an Outcome and takes `limit_s` seconds a
process at most; two outcomes of one case are compared.
"""

import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass

NOBODY = 65534
GOOD = ("Ok", "Omitted")


@dataclass
class Outcome:
    """What became of a case; two outcomes are compared by `results`."""

    name: str
    results: Counter  # (test, verdict) -> times
    failures: dict  # test -> the lines that say what was expected and what came
    tests: int
    seconds: float

    def own_failures(self):
        return [test for (test, verdict) in self.results if verdict not in GOOD]


def unfinished(name, text, ended, seconds):
    """The outcome of a case that did not come to its end."""
    last = [f"its last lines: {text.splitlines()[-5:]}"]
    return Outcome(name, Counter({(name, f"did not finish: {ended}"): 1}), {name: last}, 0, seconds)


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


def run_session(command, folder, limit_s):
    """(text, exit code or None at the limit, seconds) of `command`, run in `folder`.

    Everything that it started has ended on return.
    """
    log = folder.parent.parent / f"{folder.parent.name}-{folder.name}.log"
    start = time.monotonic()
    with open(log, "w+", errors="replace") as out:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": "/", "LANG": "C", "TMPDIR": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **ordinary_user(),
        )
        try:
            code = process.wait(timeout=limit_s)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            end_session(process)
        seconds = time.monotonic() - start
        out.seek(0)
        text = out.read()
    log.unlink()
    return text, code, seconds


def end_session(process):
    """Ends what the test left running as well: it has its own process group."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def how_it_ended(code, limit_s):
    return f"not within {limit_s} s" if code is None else f"exit code {code}"


def verdicts(outcome):
    """What became of each test: (verdict, times), sorted."""
    names = {}
    for (name, verdict), times in sorted(outcome.results.items()):
        names.setdefault(name, []).append((verdict, times))
    return names


def differences(natives, mounts):
    """(test, natively, in the mount) of every test that no try had the same on both sides.

    A test whose result varies natively is one only if it fails in the mount alone, each time; where
    the end of a numbered series varies natively, none that is left out in the mount is one.
    """
    natives, mounts = [verdicts(o) for o in natives], [verdicts(o) for o in mounts]
    at_times = {name for seen in natives for name in seen if not all(name in s for s in natives)}
    open_ended = {series_of(name) for name in at_times}
    for name in sorted(set().union(*natives, *mounts)):
        natively = [seen.get(name, []) for seen in natives]
        inside = [seen.get(name, []) for seen in mounts]
        if any(one in natively for one in inside):
            continue
        varies = any(one != natively[0] for one in natively)
        if varies and (any(map(fails, natively)) or not all(map(fails, inside))):
            continue
        if series_of(name) in open_ended and not any(map(fails, inside)):
            continue
        yield name, shown(natively[0]), shown(inside[0])


def series_of(name):
    return name.rstrip("0123456789")


def fails(seen):
    return any(verdict not in GOOD for verdict, _ in seen)


def shown(seen):
    return ", ".join(v if n == 1 else f"{v} x{n}" for v, n in seen) or "not run"
