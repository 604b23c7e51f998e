"""scripts/bench ltx: the LTX commands against the Go command and the machine's limits.

Warm unless a row says cold. Who writes syncs, on both sides, into a file that is new in each run,
after what earlier runs wrote has been synced. The proof of a run's result is not timed.
"""

import filecmp
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import ltx_data
import report
from measure import (
    PROBE,
    Bar,
    BenchError,
    Row,
    Variant,
    can_drop_caches,
    drop_caches,
    measure_row,
    memcpy_bytes_per_s,
)
from mounted import BUILD, LITETOOL
from peers import find_peers

ONE, TWO = "litetool, 1 thread", "litetool, 2 threads"
PEER, CAT = "ltx (Go)", "cat >/dev/null"


def require(condition, message):
    if not condition:
        raise BenchError(message)


class LtxBench:
    def __init__(self, data, work, peers):
        self.data, self.work, self.peers = data, work, peers
        self.base_size = data.base.stat().st_size
        self.digests = {}

    def rows(self):
        yield self.checksum_warm()
        if can_drop_caches():
            yield self.checksum_cold()
        yield self.verify()
        yield self.encode()
        yield self.apply_snapshot()
        yield self.compact()
        yield self.apply_files()

    def variants(self, make, command):
        """litetool with 1 and 2 threads; `make(name, argv, tag)` adds preparation and proof."""
        return [
            make(name, [LITETOOL, "ltx", *command(tag), "--threads", str(threads)], tag)
            for name, threads, tag in ((ONE, 1, "one"), (TWO, 2, "two"))
        ]

    def peer(self, make, argv):
        return [make(PEER, argv, "peer")] if self.peers.ltx else []

    def library_peer(self, make, argv):
        return [make(PEER, [self.peers.library, *argv], "peer")] if self.peers.library else []

    # -- reading --

    def checksum_warm(self):
        base = self.data.base

        def make(name, argv, _):
            return Variant(name, argv, check=self.says(self.data.base_checksum))

        variants = self.variants(make, lambda _: ["checksum", base])
        variants += self.peer(make, [self.peers.ltx, "checksum", base])
        variants.append(Variant(CAT, ["cat", base]))
        variants.append(Variant("read, 2 threads", [PROBE, "read", base, "2"]))
        return Row(
            "checksum, warm",
            self.base_size,
            variants,
            [Bar(ONE, PEER, 7), Bar(TWO, PEER, 12), Bar(ONE, CAT, 0.80), Bar(TWO, CAT, 0.80)],
        )

    def checksum_cold(self):
        base = self.data.base
        ours = Variant(
            TWO,
            [LITETOOL, "ltx", "checksum", base, "--threads", "2"],
            drop_caches,
            self.says(self.data.base_checksum),
        )
        return Row(
            "checksum, cold",
            self.base_size,
            [ours, Variant(CAT, ["cat", base], drop_caches)],
            [Bar(TWO, CAT, 0.95)],
        )

    def verify(self):
        def make(name, argv, _):
            return Variant(name, argv, check=self.says("ok"))

        variants = self.variants(make, lambda _: ["verify", self.data.snapshot])
        variants += self.peer(make, [self.peers.ltx, "verify", self.data.snapshot])
        return Row(
            "verify of a snapshot", self.base_size, variants, [Bar(ONE, PEER, 5), Bar(TWO, PEER, 9)]
        )

    # -- writing --

    def encode(self):
        def make(name, argv, tag):
            out = self.output(tag, ".ltx")
            return Variant(
                name,
                argv,
                self.fresh(out),
                lambda _: self.check_image(out, self.data.base_checksum),
            )

        variants = self.variants(
            make, lambda tag: ["encode", self.data.base, "-o", self.output(tag, ".ltx")]
        )
        variants += self.library_peer(make, ["encode", self.output("peer", ".ltx"), self.data.base])
        return Row("encode, with fsync", self.base_size, variants, [Bar(TWO, PEER, 3)])

    def apply_snapshot(self):
        def make(name, argv, tag):
            out = self.output(tag, ".db")
            return Variant(
                name, argv, self.fresh(out), lambda _: self.check_database(out, self.data.base)
            )

        variants = self.variants(
            make, lambda tag: ["apply", "-d", self.output(tag, ".db"), self.data.snapshot]
        )
        variants += self.peer(
            make, [self.peers.ltx, "apply", "-db", self.output("peer", ".db"), self.data.snapshot]
        )
        return Row(
            "apply of a snapshot to a new file", self.base_size, variants, [Bar(TWO, PEER, 4)]
        )

    def apply_files(self):
        chain = self.data.apply

        def make(name, argv, tag):
            out = self.output(tag, ".db")

            def prepare():
                self.fresh(out)()
                shutil.copyfile(chain.before, out)
                os.sync()

            return Variant(name, argv, prepare, lambda _: self.check_database(out, chain.after))

        variants = self.variants(
            make, lambda tag: ["apply", "-d", self.output(tag, ".db"), *chain.files]
        )
        variants += self.peer(
            make, [self.peers.ltx, "apply", "-db", self.output("peer", ".db"), *chain.files]
        )
        return Row("apply of 16 files", self.base_size, variants, [Bar(TWO, PEER, 30)])

    def compact(self):
        chain = self.data.compact

        def make(name, argv, tag):
            out = self.output(tag, ".ltx")
            return Variant(name, argv, self.fresh(out), lambda _: self.check_compacted(out, tag))

        variants = self.variants(
            make, lambda tag: ["compact", *chain.files, "-o", self.output(tag, ".ltx")]
        )
        variants += self.library_peer(make, ["compact", self.output("peer", ".ltx"), *chain.files])
        size = sum(file.stat().st_size for file in chain.files)
        return Row("compact of 8 files", size, variants, [Bar(TWO, PEER, 6)])

    # -- preparation and proof --

    def output(self, tag, suffix):
        return self.work / f"out-{tag}{suffix}"

    def fresh(self, out):
        def prepare():
            out.unlink(missing_ok=True)
            os.sync()

        return prepare

    def says(self, wanted):
        def check(stdout):
            require(wanted in stdout, f"expected {wanted!r}, got {stdout.strip()!r}")

        return check

    def check_image(self, path, post_apply):
        done = subprocess.run([LITETOOL, "ltx", "verify", path], capture_output=True, text=True)
        require(done.returncode == 0, f"{path} is not valid: {done.stdout}{done.stderr}")
        require(ltx_data.trailer_checksum(path) == post_apply, f"{path} ends with a wrong checksum")

    def check_database(self, path, truth):
        filecmp.clear_cache()
        require(filecmp.cmp(path, truth, shallow=False), f"{path} is not the database it should be")

    def check_compacted(self, path, tag):
        """The first output is proven by applying it; the others must be the same bytes."""
        with open(path, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if tag not in self.digests:
            self.check_image(path, self.data.compact.post_apply)
            applied = self.work / "applied.db"
            shutil.copyfile(self.data.compact.before, applied)
            subprocess.run(
                [LITETOOL, "ltx", "apply", "-d", applied, path], check=True, capture_output=True
            )
            self.check_database(applied, self.data.compact.after)
            applied.unlink()
            self.digests[tag] = digest
        require(self.digests[tag] == digest, f"{path} differs from the first output")


def run(options):
    def note(text):
        print(text, file=sys.stderr, flush=True)

    peers = find_peers(options.install_peers, note)
    folder = BUILD / "bench"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="run-") as work:
        kept = folder / f"ltx-{options.size}"
        data = ltx_data.make(kept if options.keep else Path(work) / "data", options.size, note)
        copies_per_s = memcpy_bytes_per_s(data.base.stat().st_size)
        bench = LtxBench(data, Path(work), peers)
        rows = [row for row in bench.rows() if options.only in row.name]
        for row in rows:
            measure_row(row, options.rounds, options.idle_wait, note)
            if not options.json:
                report.print_row(row)
                sys.stdout.flush()
    if options.json:
        print(
            json.dumps(
                {
                    "what": "ltx",
                    "peer": peers.describe(),
                    "rounds": options.rounds,
                    "memcpy_bytes_per_s": round(copies_per_s),
                    "rows": [report.row_fields(row) for row in rows],
                },
                indent=2,
            )
        )
        return
    print(
        f"\npeer: {peers.describe()}; memcpy: {copies_per_s / 1e6:.0f} MB/s; "
        f"{options.rounds} rounds, "
        "medians (min-max); [n busy]: runs begun on a machine that was not quiet"
    )
