"""scripts/bench mount: SQLite in a mount, capture included, against the plain directory.

A round: the plain directory first, then the same tests in a mount of each tier, each in one client
process. What counts is the median over the rounds of the ratio within a round. The client proves
what it wrote and read; after each round the history that the mount wrote must verify.
"""

import fnmatch
import json
import shutil
import statistics
import sys
from dataclasses import dataclass

import mount_standing
from measure import BenchError, wait_until_quiet
from mount_places import Workshop, check_history, places, served


@dataclass
class Test:
    """A figure of the client (see tests/bench/client/workloads.h) and what it must be and should."""

    name: str
    must: float = None  # ratio to the plain directory, first tier
    aim: float = None
    workload: str = None  # where its name is not the figure's
    large: bool = False  # works on the large databases, which stay from round to round


WRITES = [
    Test("wal_NORMAL", 0.70, 0.85),
    Test("wal_FULL", 0.85, 0.95),
    Test("del_FULL", 0.55, 0.75),
    Test("trunc_FULL", 0.55, 0.75),
    Test("pers_FULL"),
]
TESTS = WRITES + [
    Test("bulk_wal", 0.80, 0.95),
    Test("bulk_del"),
    Test("vac_wal", 0.50, 0.80),
    Test("vac_del", 0.50, 0.80),
    Test("conc_writers", workload="conc"),
    Test("conc_readers", workload="conc"),
    Test("rd_wal_ne", 0.90, 0.97, large=True),
    Test("rd_wal", large=True),
    Test("rd_del", 0.80, 0.90, large=True),
    Test("rd_wal_txn", 0.93, 0.98, large=True),
    Test("rd_del_txn", 0.93, 0.98, large=True),
    Test("rd_wal_mm", large=True),
    Test("rd_del_mm", large=True),
    Test("scan_wal", 0.93, 0.99, large=True),
    Test("scan_del", 0.93, 0.99, large=True),
    Test("scan_mm_del", large=True),
    Test("open_wal", 0.40, 0.60, large=True),
    Test("open_del", 0.40, 0.60, large=True),
]


def note(text):
    print(text, file=sys.stderr, flush=True)


def run_place(shop, place, seconds, tests):
    """Figures by name of one place in one round."""
    figures = {}
    for large in (False, True):
        workloads = list(dict.fromkeys(t.workload or t.name for t in tests if t.large == large))
        if not workloads:
            continue
        name = f"{place}-large" if large else place
        with served(place, shop, name) as folder:
            figures.update(shop.run(folder, seconds, workloads))
        if place in ("passthrough", "cached"):
            check_history(shop.folder(name))
        if not large:
            shutil.rmtree(shop.folder(name))
    return figures


def run_rounds(options, tests, used):
    """One dict by place for each round, and how many rounds began on a busy machine."""
    rounds, busy = [], 0
    with Workshop() as shop:
        for number in range(options.rounds):
            note(f"round {number + 1} of {options.rounds} ...")
            busy += not wait_until_quiet(options.idle_wait)
            rounds.append({p: run_place(shop, p, options.seconds, tests) for p in used})
    return rounds, busy


def summary(test, place, rounds):
    """What is reported of one figure in one place."""
    values = [figures[place][test.name] for figures in rounds]
    native = [figures["native"][test.name] for figures in rounds]
    ratios = [v["per_s"] / n["per_s"] for v, n in zip(values, native)]
    fields = {
        "test": test.name,
        "place": place,
        "per_s": statistics.median(v["per_s"] for v in values),
        "p50_us": statistics.median(v["p50_us"] for v in values),
        "p99_us": statistics.median(v["p99_us"] for v in values),
        "ratio": round(statistics.median(ratios), 3),
        "ratio_min": round(min(ratios), 3),
        "ratio_max": round(max(ratios), 3),
    }
    if test.must is not None and place == "passthrough":
        fields.update(must=test.must, aim=test.aim, reached=fields["ratio"] >= test.must)
    return fields


def row(test, results):
    native = next(fields for fields in results if fields["place"] == "native")
    digits = 0 if native["per_s"] >= 10 else 2
    cells = [f"{test.name:<13}", f"{native['per_s']:>13,.{digits}f}"]
    for fields in results:
        if fields["place"] != "native":
            spread = f"({fields['ratio_min']:.2f}-{fields['ratio_max']:.2f})"
            cells.append(f"{fields['ratio']:>7.2f} {spread:<12}")
    must = next((fields for fields in results if "must" in fields), None)
    if must:
        cells.append(f"{must['must']:.2f} / {must['aim']:.2f}")
        cells.append("" if must["reached"] else "MISSED")
    return "  ".join(cells).rstrip()


def print_table(tests, by_test, used):
    header = "".join(f"{place:<22}" for place in used if place != "native")
    print(f"{'test':<13}  {'native per s':>13}    {header}must / aim")
    for test in tests:
        print(row(test, by_test[test.name]))


def run(options):
    for name, _ in mount_standing.RUNS:
        if getattr(options, name):
            getattr(mount_standing, name)(options)
            return
    tests = [test for test in TESTS if fnmatch.fnmatch(test.name, options.tests)]
    if not tests:
        raise BenchError(f"no test is called {options.tests}: {', '.join(t.name for t in TESTS)}")
    used = places(options.tier)
    rounds, busy = run_rounds(options, tests, used)
    by_test = {t.name: [summary(t, place, rounds) for place in used] for t in tests}
    if options.json:
        flat = [fields for results in by_test.values() for fields in results]
        about = {"what": "mount", "rounds": options.rounds, "busy_rounds": busy, "tests": flat}
        print(json.dumps(about, indent=2))
        return
    print_table(tests, by_test, used)
    print(
        f"\nRatios to native: median (min-max) of {options.rounds} rounds of {options.seconds} s, "
        f"{busy} begun on a machine that was not quiet. Bars are for the passthrough tier."
    )
