"""The test files of a permutation of SQLite's suite, and what one printed."""

import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from case import Outcome, fresh_folder, how_it_ended, ordinary_user, run_session, unfinished

PROBE_LIMIT_S = 60

# The permutations that change what reaches the file system.
PERMUTATIONS = (
    "wal",
    "exclusive",
    "exclusive-truncate",
    "persistent_journal",
    "truncate_journal",
    "persistent_journal_error",
    "no_journal",
    "no_journal_error",
    "autovacuum_crash",
    "autovacuum_ioerr",
    "multithread",
    "threads",
    "coverage-wal",
    "coverage-pager",
    "inmemory_journal",
    "journaltest",
    "mmap",
    "safe_append",
    "atomic-batch-write",
    "vfslog",
)
PLAIN_PERMUTATIONS = ("veryquick", "full")  # with SQLite's own settings; full takes hours

# Prints the files of each permutation; tester.tcl looks for its neighbours beside $argv0.
LIST_FILES = """
source [file dirname $argv0]/permutations.test
foreach name [array names ::testspec] {
  array set spec $::testspec($name)
  foreach file [lsort $spec(-files)] { puts "file $name [file tail $file]" }
}
exit
"""

# "name... Ok", "name... Omitted", or only "name..." with lines "! name expected: ..." below.
RESULT = re.compile(r"^(\S.*?)\.\.\. (Ok|Omitted)$|^(\S+)\.\.\. ?$")
FAILURE = re.compile(r"^! ?(\S+) (expected|got): ?(.*)$")
TOTAL = re.compile(r"^(\d+) errors out of (\d+) tests")
# A file that repeats its tests until a time is over says so after each round.
ROUND = re.compile(r"\(\d+ seconds remain\)")
UNSUPPORTED = re.compile(r"File system does NOT support [\w-]+")


def list_files(testfixture, source, folder):
    """The names of the files by permutation."""
    script = source / "test" / "list_files.tcl"
    script.write_text(LIST_FILES)
    done = subprocess.run(
        [testfixture, script],
        cwd=folder,
        **ordinary_user(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    files = {}
    for line in done.stdout.splitlines():
        if line.startswith("file "):
            _, permutation, file = line.split(" ", 2)
            files.setdefault(permutation, []).append(file)
    if not files:
        raise SystemExit(f"sqlite-suite: no test files: {done.stdout} {done.stderr}")
    return files


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
        short = unfinished(file, text, ended, seconds)
        results.update(short.results)
        failures.update(short.failures)
    if any(ROUND.search(name) for name, _ in results):
        results = Counter({key: 1 for key in results if not ROUND.search(key[0])})
    return Outcome(file, results, failures, tests, seconds)


@dataclass
class TestFile:
    """A case: one file with the settings of a permutation."""

    testfixture: Path
    source: Path
    permutation: str
    name: str

    def execute(self, folder, limit_s):
        """(text, exit code or None at the limit, seconds)."""
        fresh_folder(folder)
        script = self.source / "test" / "permutations.test"
        return run_session([self.testfixture, script, self.permutation, self.name], folder, limit_s)

    def run(self, folder, limit_s):
        text, code, seconds = self.execute(folder, limit_s)
        return parse(self.name, text, how_it_ended(code, limit_s), seconds)


def unsupported(case, folder):
    """Why the permutation of `case` cannot run on the file system of `folder`, or None."""
    text, _, _ = case.execute(folder, PROBE_LIMIT_S)
    found = UNSUPPORTED.search(text)
    return found.group(0) if found else None
