"""scripts/bench history: what people do with a history, against the machine's own speed.

A database of --size MiB with a base and --transactions small transactions. Times of a command are
those of the whole process. Who writes syncs, on both sides.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

import history_data
import report
from measure import Bar, BenchError, Limit, Row, Variant, measure_row
from mounted import BUILD, LITETOOL

ONE_GB_PER_S = 1e9
OURS = "litetool"
DISK = "dd conv=fsync"


def require(condition, message):
    if not condition:
        raise BenchError(message)


def remove(*paths):
    for path in paths:
        Path(path).unlink(missing_ok=True)


class HistoryBench:
    def __init__(self, data, long_database, transactions, work):
        self.data, self.work = data, work
        self.long_database, self.transactions = long_database, transactions

    def rows(self):
        yield self.restore("restore, latest", "latest", self.is_last)
        yield self.restore("restore, mid-point", str(self.data.middle), None)
        yield self.lookup()
        yield self.log()
        yield self.diff()
        yield self.audit()
        yield from self.long_history()

    def long_history(self):
        database, middle = self.long_database, self.transactions // 2
        last = f"{self.transactions:016x}"

        def one_line(said):
            require(len(said.splitlines()) >= 1, "nothing was said")

        def with_tables(said):
            lines = [json.loads(line) for line in said.splitlines()]
            require(lines[0]["txid"] == last, "the log does not begin with the newest")
            require(len(lines) == 20, "log -n 20 did not print 20 lines")
            require(all(line["tables"] for line in lines), "tables are missing in the log")

        for name, argv, check in (
            ("log -n 20", ["log", database, "-n", "20", "--json"], with_tables),
            ("points", ["points", database], one_line),
            ("when latest", ["when", database, "latest"], one_line),
            ("when, mid-point", ["when", database, str(middle)], one_line),
            ("when 1s ago", ["when", database, "1s ago"], one_line),
            ("show", ["show", database], one_line),
            ("tag add", ["tag", database, "add", "bench", "--force"], None),
            ("tag list", ["tag", database, "list"], one_line),
        ):
            variant = Variant(OURS, [LITETOOL, *argv, "-q"], check=check)
            title = f"{name}, {self.transactions} transactions"
            yield Row(title, 0, [variant], [], 64 + 8, [Limit(OURS, 0.100)])

    def restore(self, name, point, check):
        out, copy = self.work / "out.db", self.work / "copy.db"
        database = self.data.database
        ours = Variant(
            OURS,
            [LITETOOL, "restore", database, "--at", point, "-o", out, "-q", "--check", "none"],
            lambda: (remove(out), os.sync()),
            (lambda _: check(out)) if check else None,
        )
        disk = Variant(
            DISK,
            ["dd", f"if={database}", f"of={copy}", "bs=1M", "conv=fsync", "status=none"],
            lambda: (remove(copy), os.sync()),
        )
        size = self.data.size_bytes
        pages = size // 4096
        memory_mib = 64 + pages * 16 // (1 << 20)
        limit = Limit(OURS, size / ONE_GB_PER_S, or_bars=True)
        return Row(name, size, [ours, disk], [Bar(OURS, DISK, 0.80)], memory_mib, [limit])

    def is_last(self, path):
        require(history_data.digest(path) == self.data.sha256, "the restored database is another")

    def ours_alone(self, name, argv, check, limit_s):
        variant = Variant(OURS, [LITETOOL, *argv], check=check)
        return Row(name, self.data.size_bytes, [variant], [], 64 + 8, [Limit(OURS, limit_s)])

    def lookup(self):
        sql = "SELECT count(*) FROM item WHERE owner = 7 AND id < 100000"
        argv = ["sql", self.data.database, "--at", str(self.data.middle), sql, "--csv", "-q"]

        def check(said):
            require(said.splitlines()[0] == "count(*)", f"sql said {said!r}")

        return self.ours_alone("sql --at, indexed lookup", argv, check, 0.050)

    def log(self):
        argv = ["log", self.data.database, "-n", "20", "--json", "-q"]

        def check(said):
            require(len(said.splitlines()) == 20, "log -n 20 did not print 20 lines")

        return self.ours_alone("log -n 20", argv, check, 0.100)

    def diff(self):
        before, after = self.data.middle - 1, self.data.middle
        command = [LITETOOL, "diff", self.data.database, str(before), str(after), "--rows", "-q"]
        script = ["sh", "-c", '"$@"; test $? = 3', "sh", *command]  # 3: there are differences

        def check(said):
            require("item" in said, f"diff said {said[:200]!r}")

        variant = Variant(OURS, script, check=check)
        return Row(
            "diff --rows of one transaction",
            self.data.size_bytes,
            [variant],
            [],
            64 + 8,
            [Limit(OURS, 0.200)],
        )

    def audit(self):
        database = self.data.database
        ours = Variant(OURS, [LITETOOL, "audit", database, "-q"], check=self.agrees)
        twice = Variant("cat twice", ["cat", database, database])
        size = self.data.size_bytes
        return Row("audit, warm", size, [ours, twice], [Bar(OURS, "cat twice", 0.80)])

    @staticmethod
    def agrees(said):
        require(said.endswith("they agree\n"), f"audit said {said!r}")


def run(options):
    def note(text):
        print(text, file=sys.stderr, flush=True)

    folder = BUILD / "bench"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="run-") as work:
        data = history_data.make(Path(work) / "made", options.size, options.transactions, note)
        made = history_data.make_long(Path(work) / "made", options.long, note)
        rows = list(HistoryBench(data, made, options.long, Path(work)).rows())
        for row in rows:
            measure_row(row, options.rounds, options.idle_wait, note)
            if not options.json:
                report.print_row(row)
                sys.stdout.flush()
    if options.json:
        fields = [report.row_fields(row) for row in rows]
        print(json.dumps({"what": "history", "rounds": options.rounds, "rows": fields}, indent=2))
