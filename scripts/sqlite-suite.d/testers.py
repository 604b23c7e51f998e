"""SQLite's testers that are programs of their own: mptest, threadtest3 and kvtest.

mptest has several processes at one database, some of which end in the middle of a transaction;
threadtest3 several threads of one process; kvtest reads and overwrites blobs.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from case import Outcome, fresh_folder, how_it_ended, run_session, unfinished

PROGRAMS = ("mptester", "threadtest3", "kvtest")
TESTERS = ("mptest", "threadtest3", "kvtest")

# crash01 brings in crash02. Those that configure set modes and page sizes that WAL does not allow,
# and expect a new database.
CONFIGURING = ("config01", "config02")
MPTEST_MODES = {
    "config01": ("delete", "truncate", "persist"),
    "config02": ("delete", "truncate", "persist"),
    "crash01": ("delete", "truncate", "persist", "wal"),
    "multiwrite01": ("delete", "truncate", "persist", "wal"),
}
THREADTESTS = (
    "walthread1",
    "walthread2",
    "walthread3",
    "walthread4",
    "walthread5",
    "cgt_pager_1",
    "dynamic_triggers",
    "checkpoint_starvation_1",
    "checkpoint_starvation_2",
    "create_drop_index_1",
    "lookaside1",
    "vacuum1",
    "stress1",
    "stress2",
    "shared1",
)
KVTEST_INIT = ["init", "test.db", "--count", "2000", "--size", "10000", "--variance", "2000"]
KVTEST_RUNS = {
    "read": ["--random"],
    "read-mmap": ["--random", "--mmap", "100MB"],
    "read-blob": ["--desc", "--blob-api"],
    "update": ["--update", "--random"],
    "update-blob": ["--update", "--blob-api"],
    "update-multitrans": ["--update", "--multitrans", "--random"],
    **{
        f"update-{mode}": ["--update", "--multitrans", "--random", "--jmode", mode]
        for mode in ("truncate", "persist", "wal")
    },
}

TOTAL = re.compile(r"^(?:Summary: )?(\d+) errors out of (\d+) tests$")
PROBLEM = re.compile(r"ERROR|Error|Failed|failed|error|FAIL|malformed|not an error")
# stress2 leaves WAL mode without waiting for the other threads of its process, and reports an error when
# one of them reads at that instant. SQLite's own counters decide that, no call to the file system does:
# the longer other calls take the more often, in a plain directory too.
MAY_SAY = {"stress2": re.compile(r'^Error: \(5\) "database is locked"')}
TIMING = re.compile(r"elapsed time|Microseconds|rate:|^(Average|Minimum|Maximum|Page-count|Freelist)")


@dataclass
class Tester:
    """A case: commands one after another in one directory."""

    name: str
    commands: list
    parse: object = field(repr=False)  # (name, text, seconds) -> Outcome

    def run(self, folder, limit_s):
        fresh_folder(folder)
        everything, seconds = "", 0
        for command in self.commands:
            text, code, took = run_session(command, folder, limit_s)
            everything, seconds = everything + text, seconds + took
            ended = how_it_ended(code, limit_s)
            if code is None or code < 0:
                return unfinished(self.name, everything, ended, seconds)
        return self.parse(self.name, everything, ended, seconds)


def by_total(name, text, ended, seconds):
    """The outcome by the line that sums up."""
    for line in text.splitlines():
        if m := TOTAL.match(line):
            errors, tests = int(m.group(1)), int(m.group(2))
            if name in MAY_SAY:
                errors -= sum(1 for said in text.splitlines() if MAY_SAY[name].search(said))
            verdict = "not ok" if errors else "Ok"
            told = [line for line in text.splitlines() if PROBLEM.search(line)]
            return Outcome(name, Counter({(name, verdict): 1}), {name: told}, tests, seconds)
    return unfinished(name, text, ended, seconds)


def by_lines(name, text, ended, seconds):
    """The outcome by all that it said, except how long it took and how large the blobs became."""
    if ended != "exit code 0":
        return unfinished(name, text, ended, seconds)
    said = [line for line in text.splitlines() if line and not TIMING.search(line)]
    return Outcome(name, Counter((line, "Ok") for line in said), {}, 1, seconds)


def cases_of(tester, programs, source):
    if tester == "mptest":
        yield from mptests(programs["mptester"], source / "mptest")
    elif tester == "threadtest3":
        for test in THREADTESTS:
            yield Tester(test, [[programs["threadtest3"], test]], by_total)
    else:
        yield from kvtests(programs["kvtest"])


def mptests(mptester, scripts):
    for script, modes in MPTEST_MODES.items():
        for mode in modes:
            command = [mptester, "mptest.db", scripts / f"{script}.test"]
            command += ["--journalmode", mode, "--repeat", "1" if script in CONFIGURING else "2"]
            yield Tester(f"{script}-{mode}", [command], by_total)


def kvtests(kvtest):
    for name, options in KVTEST_RUNS.items():
        run = [kvtest, "run", "test.db", "--count", "2000", "--integrity-check", *options]
        yield Tester(name, [[kvtest, *KVTEST_INIT], run, [kvtest, "stat", "test.db"]], by_lines)
    export = [kvtest, "export", "test.db", "files", "--tree"]
    read = [kvtest, "run", "files", "--count", "2000", "--update", "--random", "--fsync"]
    yield Tester("export", [[kvtest, *KVTEST_INIT], export, read], by_lines)
