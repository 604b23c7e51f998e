"""scripts/bench speedtest: SQLite's own speedtest1 in a mount, capture included, against the plain directory.

A round: the plain directory first, then a mount of each tier, each with a new database. What counts
is the median over the rounds of the ratio within a round, for every section of speedtest1. Its
verification hash, which is made of all that its statements return, must be the same everywhere, and
the history of each mount must verify.
"""

import json
import re
import shutil
import statistics
import subprocess
import sys

from measure import BenchError, wait_until_quiet
from mount_places import CLIENT_LIMIT_S, Workshop, check_history, ordinary_user, places, served
from mounted import BUILD, ROOT

SECTION = re.compile(r"^ *(\d+ - .*?|TOTAL)\.{2,} +([0-9.]+)s$")
HASH = re.compile(r"^Verification Hash: (.+)$", re.MULTILINE)
SHORTEST_S = 0.005  # speedtest1 counts milliseconds: the ratio of less says nothing


def note(text):
    print(text, file=sys.stderr, flush=True)


def fetched_program():
    """speedtest1 of the source that the test suite uses, built if need be."""
    done = subprocess.run([ROOT / "scripts" / "sqlite-suite.d" / "fetch", "programs"])
    if done.returncode != 0:
        raise BenchError("SQLite's source cannot be fetched or built here")
    return BUILD / "sqlite-suite" / "speedtest1"


def run_once(program, folder, options):
    """(seconds by section, verification hash) of one run on a new database in `folder`."""
    command = [program, "--verify", "--size", str(options.size)]
    if options.journal:
        command += ["--journal", options.journal]
    done = subprocess.run(
        [*command, folder / "speedtest.db"],
        cwd="/",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=CLIENT_LIMIT_S,
        **ordinary_user(),
    )
    sections = [m.groups() for m in map(SECTION.match, done.stdout.splitlines()) if m]
    found = HASH.search(done.stdout)
    if done.returncode != 0 or not sections or not found:
        raise BenchError(f"speedtest1 in {folder}: exit {done.returncode}: {done.stderr.strip()}")
    return {name: float(seconds) for name, seconds in sections}, found.group(1)


def run_place(shop, place, program, options):
    with served(place, shop, place) as folder:
        seen = run_once(program, folder, options)
    if place in ("passthrough", "cached"):
        check_history(shop.folder(place))
    shutil.rmtree(shop.folder(place))
    return seen


def run_round(shop, program, used, options):
    """Seconds by section, by place; the hash that all places had."""
    seconds, hashes = {}, {}
    for place in used:
        seconds[place], hashes[place] = run_place(shop, place, program, options)
        if hashes[place] != hashes["native"]:
            raise BenchError(f"{place}: verification hash {hashes[place]}, natively {hashes['native']}")
    return seconds, hashes["native"]


def summary(section, rounds, used):
    """What is reported of one section: a ratio is native time by the place's, as in bench mount."""
    native_s = statistics.median(seconds["native"][section] for seconds in rounds)
    fields = {"section": section, "native_s": native_s, "places": []}
    for place in used:
        if place == "native":
            continue
        pairs = [(seconds["native"][section], seconds[place][section]) for seconds in rounds]
        one = {"place": place, "median_s": statistics.median(own for _, own in pairs)}
        if native_s >= SHORTEST_S:
            ratios = [native / max(own, 0.001) for native, own in pairs]
            one["ratio"] = round(statistics.median(ratios), 3)
            one["ratio_min"], one["ratio_max"] = round(min(ratios), 3), round(max(ratios), 3)
        fields["places"].append(one)
    return fields


def print_table(summaries, used):
    header = "".join(f"{place:<22}" for place in used if place != "native")
    print(f"{'section':<57}{'native s':>9}    {header}".rstrip())
    for fields in summaries:
        cells = [f"{fields['section']:<57}{fields['native_s']:>9.3f}  "]
        for one in fields["places"]:
            if "ratio" in one:
                spread = f"({one['ratio_min']:.2f}-{one['ratio_max']:.2f})"
                cells.append(f"{one['ratio']:>7.2f} {spread:<14}")
            else:
                cells.append(f"{'-':>7} {'':<14}")
        print("".join(cells).rstrip())


def run(options):
    used = [place for place in places(options.tier) if place != "litefs"]
    built = fetched_program()
    rounds, busy = [], 0
    with Workshop() as shop:
        program = shutil.copy(built, shop.work / built.name)
        for number in range(options.rounds):
            note(f"round {number + 1} of {options.rounds} ...")
            busy += not wait_until_quiet(options.idle_wait)
            seconds, verified = run_round(shop, program, used, options)
            rounds.append(seconds)
    summaries = [summary(section, rounds, used) for section in rounds[0]["native"]]
    journal = options.journal or "delete"
    if options.json:
        about = {"what": "speedtest", "rounds": options.rounds, "busy_rounds": busy}
        about.update(journal=journal, size=options.size, hash=verified, sections=summaries)
        print(json.dumps(about, indent=2))
        return
    print_table(summaries, used)
    print(
        f"\nVerification hash, the same in every place and round: {verified}\n"
        f"Ratios to native, journal mode {journal}, size {options.size}: median (min-max) of "
        f"{options.rounds} rounds, {busy} begun on a machine that was not quiet."
    )
