"""The loads of "bench scale": what a mounted directory has much of."""

import sqlite3
import subprocess
import time
from contextlib import contextmanager

from measure import TOOLS, BenchError, can_drop_caches, drop_caches

PAGE = 4096
BUSY = 9  # and the one whose lag is measured


def open_for_commits(database):
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA journal_mode = wal")
    connection.execute("CREATE TABLE IF NOT EXISTS bench(x)")
    connection.execute("INSERT INTO bench SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM bench)")
    return connection


def client(folder, test):
    """A client that has its databases open until its standard input ends."""
    process = subprocess.Popen(
        [TOOLS / "bench_sqlite_client", folder, "0", test],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd="/",
    )
    if not process.stdout.readline():
        raise BenchError(f"the client did not come up: {test}")
    return process


def end(process):
    process.stdin.close()
    process.wait(timeout=120)


class Load:
    """One size of a load. `database` is the one that commits and is asked about."""

    databases = 1

    def __init__(self, folder, size):
        self.folder, self.size = folder, size
        self.database = folder / "app.db"

    def listings(self):
        return {}

    @contextmanager
    def clients(self):
        connection = sqlite3.connect(self.database)
        connection.execute("SELECT * FROM sqlite_schema").fetchall()
        yield
        connection.close()

    def end_busy_clients(self):
        pass


class Databases(Load):
    name, unit, sizes = "databases", "databases in one mount, 10 of them busy", (100, 1000)

    def make(self):
        self.folder.mkdir()
        end(client(self.folder, f"hold_{self.size - BUSY - 1}"))
        end(client(self.folder, f"busy_{BUSY}"))
        open_for_commits(self.database).close()
        self.databases = self.size

    @contextmanager
    def clients(self):
        idle = client(self.folder, f"hold_{self.size - BUSY - 1}")
        self.busy = client(self.folder, f"busy_{BUSY}")
        time.sleep(1)
        yield
        end(idle)

    def end_busy_clients(self):
        end(self.busy)


class Sparse(Load):
    name, unit, sizes = "sparse", "GiB of one database, nearly all of it holes", (2, 20)

    def make(self):
        self.folder.mkdir()
        open_for_commits(self.database).close()
        pages = self.size * (1 << 30) // PAGE
        with open(self.database, "r+b") as file:
            file.truncate(pages * PAGE)
            file.seek(28)  # the size of the database in pages
            file.write(pages.to_bytes(4, "big"))


class Files(Load):
    name, unit, sizes = "files", "files in one directory, one of them a database", (10_000, 100_000)

    def make(self):
        self.plain, self.folder = self.folder.with_suffix(".plain"), self.folder
        for folder in (self.plain, self.folder):
            folder.mkdir()
            for n in range(self.size - 1):
                (folder / f"file-{n:06}").write_bytes(b"not a database\n")
        open_for_commits(self.database).close()

    def listings(self):
        figures = {}
        for place, folder in (("plain", self.plain), ("mount", self.folder)):
            for what, command in (("ls -l", ["ls", "-l"]), ("find -size", ["find", "-size", "+1M"])):
                if can_drop_caches():
                    drop_caches()
                for warmth in ("first", "again"):
                    begun = time.monotonic()
                    subprocess.run(command, cwd=folder, stdout=subprocess.DEVNULL, check=True)
                    figures[f"{what}, {place}, {warmth} s"] = time.monotonic() - begun
        return figures


class History(Load):
    name, unit, sizes = "history", "transactions of one database", (100_000, 1_000_000)

    def make(self):
        self.folder.mkdir()
        made = [TOOLS / "bench_long_history", self.folder, str(self.size)]
        subprocess.run(made, check=True)


LOADS = (Databases, Sparse, Files, History)
