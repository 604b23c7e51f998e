"""scripts/sqlite-suite: the plain directory first, then each tier, then what differs and why."""

import argparse
import fnmatch
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))

import histories
import testfile
from mounted import BUILD, TIERS, Mount, MountError

SUITE = BUILD / "sqlite-suite"
MORE_TRIES = 2
QUICK_STEP = 10

# Prints the files of veryquick; tester.tcl looks for its neighbours beside $argv0.
LIST_FILES = """
source [file dirname $argv0]/permutations.test
array set spec $::testspec(veryquick)
foreach file [lsort $spec(-files)] { puts "file [file tail $file]" }
exit
"""


def arguments():
    parser = argparse.ArgumentParser(prog="scripts/sqlite-suite", add_help=False)
    parser.add_argument("--tests", default="*", metavar="GLOB")
    parser.add_argument("--tier", choices=TIERS)
    parser.add_argument("--sync", action="store_true")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--keep", action="store_true")
    return parser.parse_args()


class Suite:
    """The files to run and where: copies, because an ordinary user may not enter the checkout."""

    def __init__(self, options, work):
        self.jobs = options.jobs
        self.work = work
        self.testfixture = work / "testfixture"
        self.source = work / "source"
        shutil.copy(SUITE / ("testfixture-sync" if options.sync else "testfixture"), self.testfixture)
        for folder in ("test", "ext", "tool"):
            shutil.copytree(SUITE / "source" / folder, self.source / folder)
        subprocess.run(["chmod", "-R", "a+rX", work], check=True)
        self.files = self.list_files(options)

    def list_files(self, options):
        script = self.source / "test" / "list_files.tcl"
        script.write_text(LIST_FILES)
        folder = self.fresh("list")
        done = subprocess.run(
            [self.testfixture, script],
            cwd=folder,
            **testfile.ordinary_user(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        files = [line[5:] for line in done.stdout.splitlines() if line.startswith("file ")]
        if not files:
            raise SystemExit(f"sqlite-suite: no test files: {done.stdout} {done.stderr}")
        pattern = options.tests if options.tests.endswith(".test") else options.tests + ".test"
        files = [file for file in files if fnmatch.fnmatch(file, pattern)]
        return files[::QUICK_STEP] if options.quick else files

    def fresh(self, name):
        """An empty folder. All paths are of one length: some tests fill names up to a limit."""
        return testfile.fresh_folder(self.work / f"{name:-<11}")

    def run_file(self, file, folder):
        return testfile.run(self.testfixture, self.source, file, folder / Path(file).stem)

    def run_all(self, folder):
        """Outcomes by file, and the seconds it took."""
        start = time.monotonic()
        with ThreadPoolExecutor(self.jobs) as pool:
            outcomes = list(pool.map(lambda file: self.run_file(file, folder), self.files))
        return {outcome.file: outcome for outcome in outcomes}, time.monotonic() - start


def note(text):
    print(text, flush=True)


def compare(suite, plain, inside, plain_folder, mounted_folder):
    """Lines on every test that differs, also after more tries of its file on both sides."""
    lines = []
    for file, native in plain.items():
        natives, mounts = [native], [inside[file]]
        first = list(testfile.differences(natives, mounts))
        if not first:
            continue
        for _ in range(MORE_TRIES):
            natives.append(suite.run_file(file, plain_folder))
            mounts.append(suite.run_file(file, mounted_folder))
        seen = list(testfile.differences(natives, mounts))
        if not seen:
            note(f"  {file}: {first[0][0]} differed, and did not in another try")
        for name, natively, mounted in seen:
            lines.append(f"{file} {name}: natively {natively}, in the mount {mounted}")
            lines += [f"    {text}" for text in inside[file].failures.get(name, [])]
    return lines


def write_times(plain, tiers):
    """build/sqlite-suite/times.tsv: where the time goes, the slowest first."""
    with open(SUITE / "times.tsv", "w") as out:
        print("file", "plain", *tiers, sep="\t", file=out)
        for file in sorted(plain, key=lambda f: -sum(o[f].seconds for o in tiers.values())):
            sides = [plain, *tiers.values()]
            print(file, *(f"{side[file].seconds:.2f}" for side in sides), sep="\t", file=out)


def enterable(folder):
    """Whether an ordinary user may enter it."""
    return all(path.stat().st_mode & 0o001 for path in [folder, *folder.parents])


def count(outcomes):
    return sum(outcome.tests for outcome in outcomes.values())


def run_tier(suite, tier, plain, plain_folder, plain_s):
    """(passed, failed, outcomes) of one tier: its results count as one, its histories as one."""
    folder = suite.fresh(tier)
    with Mount(folder, tier) as mount:
        inside, seconds = suite.run_all(folder)
        lines = compare(suite, plain, inside, plain_folder, folder)
        said = mount.said()
    shown = f"{count(inside)} tests, {len(lines)} lines of difference"
    note(f"{tier}: {shown}, {seconds:.0f} s ({seconds / plain_s:.2f} x)")
    start = time.monotonic()
    right, problems = histories.check(folder, suite.work / f"{tier}-check", suite.jobs)
    took = time.monotonic() - start
    note(f"{tier}: {right} histories end at their database, {len(problems)} problems, {took:.0f} s")
    for line in lines + problems:
        note(f"  {line}")
    if lines or problems:
        (SUITE / f"{tier}.log").write_text(said + "\n")
        note(f"  what the mount said: {SUITE / f'{tier}.log'}")
    passed = not lines, not problems
    for what, ok in zip(("results", "histories"), passed):
        note(f"{'passed: ' if ok else 'failed: '} sqlite-suite {tier} {what}")
    return sum(passed), 2 - sum(passed), inside


def run(options, work):
    suite = Suite(options, work)
    plain_folder = suite.fresh("plain")
    note(f"{len(suite.files)} test files, {suite.jobs} at a time")
    plain, plain_s = suite.run_all(plain_folder)
    failing = [name for o in plain.values() for (name, v) in o.results if v not in ("Ok", "Omitted")]
    note(f"plain: {count(plain)} tests, {plain_s:.0f} s, its own failures: {' '.join(failing) or 'none'}")
    passed = failed = skipped = 0
    tiers = {}
    for tier in [options.tier] if options.tier else TIERS:
        if tier == "passthrough" and os.geteuid() != 0:
            note("skipped: sqlite-suite passthrough: that tier needs root")
            skipped += 1
            continue
        try:
            right, wrong, tiers[tier] = run_tier(suite, tier, plain, plain_folder, plain_s)
        except (MountError, OSError) as error:  # the second: it died below the tests
            note(f"failed:  sqlite-suite {tier}: {error}")
            right, wrong = 0, 1
        passed, failed = passed + right, failed + wrong
    write_times(plain, tiers)
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
