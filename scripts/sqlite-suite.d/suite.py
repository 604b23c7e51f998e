"""scripts/sqlite-suite: the plain directory first, then each tier, then what differs and why."""

import argparse
import fnmatch
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

from comparison import Comparison, note
from mounted import BUILD, TIERS
from case import fresh_folder
from testers import PROGRAMS, TESTERS, cases_of
from testfile import PERMUTATIONS, PLAIN_PERMUTATIONS, TestFile, list_files, unsupported

SUITE = BUILD / "sqlite-suite"
QUICK_STEP = 10


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/sqlite-suite", add_help=False)
    known = (*PLAIN_PERMUTATIONS, *PERMUTATIONS, "all")
    parser.add_argument("--permutation", action="append", default=[], choices=known)
    parser.add_argument("--tester", action="append", default=[], choices=(*TESTERS, "all"))
    parser.add_argument("--tests", default="*", metavar="GLOB")
    parser.add_argument("--tier", choices=TIERS)
    parser.add_argument("--sync", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    if not options.permutation and not options.tester:
        options.permutation = ["veryquick"]
    return options


def chosen(names, every):
    """`names` without doubles, "all" written out."""
    spelled = [one for name in names for one in (every if name == "all" else [name])]
    return list(dict.fromkeys(spelled))


@dataclass
class Group:
    """Cases that are compared together: in one plain directory and one mount of each tier."""

    name: str
    cases: list
    skipped: str = None  # why none of it is run


class Suite:
    """What to run and where: copies, because an ordinary user may not enter the checkout."""

    def __init__(self, options, work):
        self.options = options
        self.work = work
        self.source = work / "source"
        for folder in ("test", "ext", "tool", "mptest"):
            shutil.copytree(SUITE / "source" / folder, self.source / folder)
        if options.permutation:
            self.testfixture = self.copy("testfixture-sync" if options.sync else "testfixture")
        if options.tester:
            self.programs = {name: self.copy(name) for name in PROGRAMS}
        subprocess.run(["chmod", "-R", "a+rX", work], check=True)

    def copy(self, name):
        return Path(shutil.copy(SUITE / name, self.work / name.removesuffix("-sync")))

    def fresh(self, name):
        """An empty folder. All paths are of one length: some tests fill names up to a limit."""
        return fresh_folder(self.work / f"{name:-<11}")

    def wanted(self, cases, ending=""):
        pattern = self.options.tests
        pattern += "" if pattern.endswith(ending) else ending
        cases = [case for case in cases if fnmatch.fnmatch(case.name, pattern)]
        return cases[::QUICK_STEP] if self.options.quick else cases

    def groups(self):
        if self.options.permutation:
            files = list_files(self.testfixture, self.source, self.fresh("list"))
            for permutation in chosen(self.options.permutation, PERMUTATIONS):
                yield self.permutation(permutation, files.get(permutation))
        for tester in chosen(self.options.tester, TESTERS):
            yield Group(tester, self.wanted(cases_of(tester, self.programs, self.source)))

    def permutation(self, name, files):
        if files is None:
            return Group(name, [], "this version of SQLite has no such permutation")
        cases = [TestFile(self.testfixture, self.source, name, file) for file in files]
        cases = self.wanted(cases, ".test")
        # Each file would say so again, natively as in a mount: nothing would be compared.
        lacking = unsupported(cases[0], self.fresh("probe") / "first") if cases else None
        return Group(name, cases, lacking)


def write_times(timed):
    """build/sqlite-suite/times.tsv: where the time goes, the slowest first."""
    with open(SUITE / "times.tsv", "w") as out:
        print("group", "case", "plain", *TIERS, sep="\t", file=out)
        for group, name, seconds in sorted(timed, key=lambda line: -sum(line[2].values())):
            columns = [seconds.get(place) for place in ("plain", *TIERS)]
            shown = ("" if column is None else f"{column:.2f}" for column in columns)
            print(group, name, *shown, sep="\t", file=out)


def enterable(folder):
    """Whether an ordinary user may enter it."""
    return all(path.stat().st_mode & 0o001 for path in [folder, *folder.parents])


def run(options, work):
    suite = Suite(options, work)
    passed = failed = skipped = 0
    timed = []
    for group in suite.groups():
        if group.skipped or not group.cases:
            note(f"skipped: sqlite-suite {group.name}: {group.skipped or 'nothing of that name'}")
            skipped += 1
            continue
        comparison = Comparison(suite, group, SUITE, options.jobs)
        comparison.run([options.tier] if options.tier else TIERS)
        passed += comparison.passed
        failed += comparison.failed
        skipped += comparison.skipped
        timed += comparison.times()
    write_times(timed)
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("sqlite-suite: stopped"))
    parents = (Path(tempfile.gettempdir()), Path("/var/tmp"), Path("/tmp"))
    parent = next(filter(enterable, parents))
    work = Path(tempfile.mkdtemp(prefix="litetool-suite-", dir=parent))
    work.chmod(0o755)
    try:
        return run(options, work)
    finally:
        if options.keep:
            print(f"kept: {work}", file=sys.stderr)
        else:
            shutil.rmtree(work, ignore_errors=True)


sys.exit(main())
