"""A group of cases in the plain directory and in a mount of each tier: what differs, and the histories."""

import os
import time
from concurrent.futures import ThreadPoolExecutor

import histories
from case import differences
from mounted import Mount, MountError

MORE_TRIES = 2
TIME_LIMIT_S = 900  # a process of a case, in the plain directory


def note(text):
    print(text, flush=True)


def count(outcomes):
    return sum(outcome.tests for outcome in outcomes.values())


class Comparison:
    """Runs `group`; the results of a tier count as one, its histories as one."""

    def __init__(self, suite, group, logs, jobs):
        self.suite = suite
        self.group = group
        self.logs = logs
        self.jobs = jobs
        self.outcomes = {}  # place -> case name -> Outcome
        self.passed = self.failed = self.skipped = 0

    def run(self, tiers):
        self.plain_folder = self.suite.fresh("plain")
        note(f"== {self.group.name}: {len(self.group.cases)} cases, {self.jobs} at a time")
        plain, self.plain_s = self.run_all("plain", self.plain_folder)
        failing = [name for outcome in plain.values() for name in outcome.own_failures()]
        own = " ".join(failing) or "none"
        note(f"plain: {count(plain)} tests, {self.plain_s:.0f} s, its own failures: {own}")
        for tier in tiers:
            if tier == "passthrough" and os.geteuid() != 0:
                self.told("skipped", f"{tier}: that tier needs root")
                continue
            try:
                self.run_tier(tier)
            except (MountError, OSError) as error:  # the second: it died below the tests
                self.told("failed", f"{tier}: {error}")

    def told(self, verdict, about):
        note(f"{verdict + ':':<9}sqlite-suite {self.group.name} {about}")
        setattr(self, verdict, getattr(self, verdict) + 1)

    def run_case(self, case, folder):
        own = folder / case.name.removesuffix(".test")
        return case.run(own, self.limit_s(case))

    def limit_s(self, case):
        """In a mount: what a case that hangs there may cost, and no other reaches."""
        native = self.outcomes.get("plain", {}).get(case.name)
        return TIME_LIMIT_S if native is None else min(TIME_LIMIT_S, int(60 + 20 * native.seconds))

    def run_all(self, place, folder):
        """Outcomes by the name of the case, and the seconds it took."""
        start = time.monotonic()
        with ThreadPoolExecutor(self.jobs) as pool:
            ran = list(pool.map(lambda case: self.run_case(case, folder), self.group.cases))
        self.outcomes[place] = {outcome.name: outcome for outcome in ran}
        return self.outcomes[place], time.monotonic() - start

    def compare(self, inside, folder):
        """Lines on every test that differs, also after more tries of its case on both sides."""
        lines = []
        for case in self.group.cases:
            natives, mounts = [self.outcomes["plain"][case.name]], [inside[case.name]]
            first = list(differences(natives, mounts))
            if not first:
                continue
            for _ in range(MORE_TRIES):
                natives.append(self.run_case(case, self.plain_folder))
                mounts.append(self.run_case(case, folder))
            seen = list(differences(natives, mounts))
            if not seen:
                note(f"  {case.name}: {first[0][0]} differed, and did not in another try")
            for name, natively, mounted in seen:
                lines.append(f"{case.name} {name}: natively {natively}, in the mount {mounted}")
                lines += [f"    {text}" for text in inside[case.name].failures.get(name, [])]
        return lines

    def run_tier(self, tier):
        folder = self.suite.fresh(tier)
        with Mount(folder, tier) as mount:
            inside, seconds = self.run_all(tier, folder)
            lines = self.compare(inside, folder)
            said = mount.said()
        shown = f"{count(inside)} tests, {len(lines)} lines of difference"
        note(f"{tier}: {shown}, {seconds:.0f} s ({seconds / self.plain_s:.2f} x)")
        problems = self.check_histories(tier, folder)
        for line in lines + problems:
            note(f"  {line}")
        if lines or problems:
            log = self.logs / f"{self.group.name}-{tier}.log"
            log.write_text(said + "\n")
            note(f"  what the mount said: {log}")
        self.told("failed" if lines else "passed", f"{tier} results")
        self.told("failed" if problems else "passed", f"{tier} histories")

    def check_histories(self, tier, folder):
        start = time.monotonic()
        right, problems = histories.check(folder, self.suite.fresh("check"), self.jobs)
        took = time.monotonic() - start
        ends = f"{right} histories end at their database"
        note(f"{tier}: {ends}, {len(problems)} problems, {took:.0f} s")
        return problems

    def times(self):
        """(group, case, seconds by place) of every case."""
        for case in self.group.cases:
            ran = {p: o[case.name].seconds for p, o in self.outcomes.items() if case.name in o}
            yield self.group.name, case.name, ran
